"""What an organizer allows the agent in one session."""

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext_lazy

from dashboard.sessions.simultaneous_edits import MeanwhileMixin
from engagement.vocabulary.modes import Mode
from interventions.kinds import Kind
from interventions.kinds.registry import acts, declaration_of, kind_name
from interventions.lifecycle.agent_limits import Limits
from interventions.models import AgentSettings
from interventions.models.agent_settings import RANGES

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

SAME: Final = ""
OFF: Final = "off"
CHOICES: Final = (
    (SAME, gettext_lazy("as the session")),
    (Mode.MANUAL.value, gettext_lazy("always asks you")),
    (Mode.SEMI_AUTO.value, gettext_lazy("asks unless it is sure")),
    (OFF, gettext_lazy("never")),
)
MINUTE: Final = 60
_LIMITS: Final = {
    "gap_minutes": ("gap_seconds", MINUTE),
    "per_hour": ("per_hour", 1),
    "quiet_start_minutes": ("quiet_start_seconds", MINUTE),
    "quiet_end_minutes": ("quiet_end_seconds", MINUTE),
    "least_people": ("least_people", 1),
    "per_attendee": ("per_attendee", 1),
}
"""Field of the form, limit of the policy, and how many of its units one of the field's is."""


def _number(
    name: str, label: "_StrPromise", unit: float = 1, help_text: "_StrPromise | str" = ""
) -> forms.IntegerField:
    least, most = (round(each / unit) for each in RANGES[name])
    return forms.IntegerField(label=label, min_value=least, max_value=most, help_text=help_text)


class AgentForm(MeanwhileMixin[AgentSettings], forms.ModelForm[AgentSettings]):
    """The settings of one session; the line is typed in percent, gaps in minutes."""

    line_percent = _number(
        "line",
        gettext_lazy("Sends by itself from this confidence on (percent)"),
        0.01,
        help_text=gettext_lazy("Holds in semi-auto. Below it, everything waits for you."),
    )
    expiry_seconds = _number(
        "expiry_seconds",
        gettext_lazy("A suggestion expires after (seconds)"),
        help_text=gettext_lazy("Nothing is sent then."),
    )
    countdown_seconds = _number(
        "countdown_seconds",
        gettext_lazy("Countdown before sending by itself (seconds)"),
        help_text=gettext_lazy("Time to hold it."),
    )
    gap_minutes = _number(
        "gap_seconds",
        gettext_lazy("Minutes between two suggestions"),
        MINUTE,
        help_text=gettext_lazy("Under 5 minutes outcomes mix: nobody can tell which one helped."),
    )
    per_hour = _number("per_hour", gettext_lazy("Suggestions an hour, at most"))
    quiet_start_minutes = _number(
        "quiet_start_seconds",
        gettext_lazy("Quiet after the start (minutes)"),
        MINUTE,
    )
    quiet_end_minutes = _number(
        "quiet_end_seconds",
        gettext_lazy("Quiet before the planned end (minutes)"),
        MINUTE,
    )
    least_people = _number("least_people", gettext_lazy("People it takes"))
    per_attendee = _number("per_attendee", gettext_lazy("Messages to one person an hour, at most"))

    sends_model_words = forms.BooleanField(
        label=gettext_lazy(
            "Texts that a language model writes are sent without anybody reading them first"
        ),
        required=False,
        help_text=gettext_lazy(
            "Holds where the agent sends by itself: in auto, and in semi-auto above your line. Only plain "
            "questions in ordinary words and those of your agenda go out so, after a second model has found "
            "nothing in them; no check finds everything. Without it, and for all else, prepared texts are "
            "sent. What somebody in the audience wrote always waits for you."
        ),
    )

    explores = forms.BooleanField(
        label=gettext_lazy("In auto, also send what nobody has seen to help here"),
        required=False,
        help_text=gettext_lazy(
            "To try things out: it may do harm as well as help. Without it, auto sends only what was "
            "measured here and likely helps; all else waits for you, and what you approve is learned from."
        ),
    )

    class Meta:
        model = AgentSettings
        fields = ("expiry_seconds", "countdown_seconds", "is_measured", "may_ask_model")
        labels = {
            "is_measured": gettext_lazy("Hold back about 1 in 10 to measure the effect"),
            "may_ask_model": gettext_lazy("Models may write the words"),
        }
        help_texts = {
            "is_measured": gettext_lazy(
                "Without it nobody can tell what this session's interventions bring: its numbers "
                "say “not measurable”."
            ),
            "may_ask_model": gettext_lazy(
                "A model sees the session's title and brief, and, where the event allows it, the last "
                "chat messages without names. Without it, templates are used."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["sends_model_words"] = self.instance.sends_model_words
        self.initial["explores"] = self.instance.explores
        self.initial["line_percent"] = round(self.instance.line * 100)
        known = Limits()
        for name, (limit, unit) in _LIMITS.items():
            value = self.instance.limits.get(limit, getattr(known, limit))
            self.initial[name] = round(value / unit)
        for kind in acts():
            self.fields[f"kind_{kind}"] = forms.ChoiceField(
                label=kind_name(kind), choices=CHOICES, required=False
            )
            self.initial[f"kind_{kind}"] = self._of_kind(kind)

    def _of_kind(self, kind: Kind) -> str:
        if kind in self.instance.forbidden:
            return OFF
        return str(self.instance.kind_modes.get(kind.value, SAME))

    @property
    def kinds(self) -> list[tuple[str, Any]]:
        """The choice for each kind, with its icon."""
        return [(declaration_of(kind).icon, self[f"kind_{kind}"]) for kind in acts()]

    def save(self, commit: bool = True) -> AgentSettings:
        """Store the settings; the percent becomes the line, the minutes become limits."""
        data = self.cleaned_data
        row = self.instance
        row.line = data["line_percent"] / 100
        row.limits = row.limits | {
            limit: data[name] * unit for name, (limit, unit) in _LIMITS.items()
        }
        chosen = {kind: data[f"kind_{kind}"] for kind in acts()}
        row.forbidden = [kind.value for kind, mode in chosen.items() if mode == OFF]
        row.kind_modes = {
            kind.value: mode for kind, mode in chosen.items() if mode not in (OFF, SAME)
        }
        return super().save(commit)
