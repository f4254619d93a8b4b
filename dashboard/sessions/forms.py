"""What an organizer may type: events, sessions, agendas."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.audience.chat.wording import MODES
from dashboard.sessions.simultaneous_edits import MeanwhileMixin
from engagement.models import Event, Organisation, Session
from engagement.models.sessions import MOST_PHASES
from engagement.models.word_list import check_words, tidied
from engagement.sessions.queries import WRITERS
from engagement.sessions.start_time import StartForm
from engagement.vocabulary.site_addresses import origin_of
from interventions.audience.chat.settings import event_rules

ZONES: Final = sorted(each for each in available_timezones() if "/" in each and each[:4] != "Etc/")
MINUTES_MOST: Final = 1440
BLANK_ROWS: Final = 2


def zone_field() -> forms.CharField:
    """A time zone: typed, with suggestions; the model checks it."""
    return forms.CharField(
        label=gettext_lazy("Time zone"),
        max_length=64,
        widget=forms.TextInput({"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("Type a city, for example Europe/Berlin."),
    )


class OriginsField(forms.CharField):
    """Sites, one on a line, kept as a list of origins: what follows the host is dropped."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=forms.Textarea({"rows": 3}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Return the list as lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Return the lines as origins, each once. Raises ValidationError naming the odd one."""
        origins: dict[str, None] = {}
        for typed in str(value or "").split():
            try:
                origins[origin_of(typed)] = None
            except ValueError:
                message = _("%(typed)s is no address like https://www.example.com.")
                raise forms.ValidationError(message, params={"typed": typed}) from None
        return list(origins)


class WordsField(forms.CharField):
    """Words, one on a line, kept as a list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=forms.Textarea({"rows": 4}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Return the list as lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Return the lines as words, each once."""
        return tidied(str(value or "").splitlines())


class EventForm(MeanwhileMixin[Event], forms.ModelForm[Event]):
    """A new event, or changes to one. Its organisation is one in which the person organizes."""

    time_zone = zone_field()
    allowed_origins = OriginsField(
        label=gettext_lazy("Sites that may embed the attendee page"),
        help_text=gettext_lazy("One on a line, for example https://www.example.com. None: nobody."),
    )

    blocked_words = WordsField(
        label=gettext_lazy("Words that a moderator reads first"),
        validators=[check_words],
        help_text=gettext_lazy(
            "One on a line, up to 200. A message, question or name with one of them waits for a "
            "moderator; suggestions avoid them. Whole words, whatever their case and accents; "
            "layoff* also finds layoffs."
        ),
    )
    chat_mode = forms.ChoiceField(
        label=gettext_lazy("What people write in the chat is"),
        choices=MODES,
        required=False,
        help_text=gettext_lazy("Each session may have a choice of its own, on its chat page."),
    )
    chat_with_platforms = forms.BooleanField(
        label=gettext_lazy("Also show what connected platforms send"), required=False
    )
    model_reads_audience = forms.BooleanField(
        label=gettext_lazy("A language model may read what people write in the chat"),
        required=False,
        help_text=gettext_lazy(
            "Where one is set up, it is sent messages of the last minutes, without names, to find fitting "
            "words. People are told before they join; what was written before stays unread. "
            "Switched off, no model sees anything that the audience wrote."
        ),
    )

    class Meta:
        model = Event
        fields = (
            "organisation",
            "title",
            "language",
            "time_zone",
            "allowed_origins",
            "blocked_words",
        )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = Organisation.objects.filter(
            memberships__user=user, memberships__role__in=WRITERS
        ).distinct()
        field = self.fields["organisation"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = choices
            field.empty_label = None
        rules = event_rules(self.instance)
        self.initial["chat_mode"] = rules.mode
        self.initial["chat_with_platforms"] = rules.with_platforms
        self.initial["model_reads_audience"] = self.instance.model_reads_audience
        # An event does not move, and a person with one organisation is not asked.
        if self.instance.pk:
            del self.fields["organisation"]
        elif len(choices) == 1:
            field.initial = choices[0]
            field.widget = forms.HiddenInput()


class SessionForm(MeanwhileMixin[Session], StartForm):
    """A session's words and numbers; the agenda is read by `read_agenda`."""

    @property
    def beside(self) -> dict[str, Any]:
        """The agenda as it is stored."""
        return {"agenda": self.instance.agenda}

    time_zone = zone_field()
    starts_at = forms.DateTimeField(
        label=gettext_lazy("Starts at"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        help_text=gettext_lazy("In the session's time zone. You start it yourself."),
    )

    class Meta:
        model = Session
        fields = (
            "title", "room", "brief", "language", "time_zone", "expected_size", "starts_at",
            "stream_url",
        )  # fmt: skip
        widgets = {
            "brief": forms.Textarea({"rows": 4}),
            "stream_url": forms.URLInput({"placeholder": "https://", "autocomplete": "off"}),
        }
        labels = {
            "stream_url": gettext_lazy("Stream"),
            "room": gettext_lazy("Room"),
            "brief": gettext_lazy("What it is about"),
            "expected_size": gettext_lazy("People expected"),
        }
        help_texts = {
            "brief": gettext_lazy("Two or three sentences. Suggestions will keep to what it says."),
            "stream_url": gettext_lazy(
                "Address of a player for frames; attendees see it above the rest."
            ),
        }


QUIET: Final = "quiet"
ACTIVITIES: Final = ("0.5", "1.5")
"""How lively a phase is expected to be, as the form offers it."""


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """One row of the agenda as typed, with what is wrong with it.

    kind: "" (ordinary), "quiet" (a break), or how lively it is expected to be, as a factor ("0.5").
    """

    title: str = ""
    minutes: str = ""
    kind: str = ""
    error: str = ""

    @property
    def is_own(self) -> bool:
        """Whether the factor is none that the form offers: it was set by the API, and is kept."""
        return self.kind not in {"", QUIET, *ACTIVITIES}


def agenda_rows(agenda: list[dict[str, Any]], blank: int = BLANK_ROWS) -> list[PhaseRow]:
    """Return a stored agenda as rows, and some empty ones to fill in."""
    rows = [PhaseRow(str(each["title"]), str(each["minutes"]), _kind_of(each)) for each in agenda]
    return rows + [PhaseRow()] * blank


def _kind_of(phase: Mapping[str, Any]) -> str:
    if phase.get("quiet"):
        return QUIET
    activity = float(phase.get("activity", 1.0))
    return "" if activity == 1.0 else f"{activity:g}"


def read_agenda(data: QueryDict | Mapping[str, list[str]]) -> list[PhaseRow]:
    """Return the typed rows of an agenda, empty ones left out, each with its error.

    The three fields of a row come as three lists of equal length; that is what a plain form sends.
    """
    get = data.getlist if isinstance(data, QueryDict) else lambda name: data.get(name, [])
    columns = zip(get("phase_title"), get("phase_minutes"), get("phase_kind"), strict=False)
    rows = [
        _checked(title.strip(), minutes.strip(), kind)
        for title, minutes, kind in columns
        if title.strip() or minutes.strip()
    ]
    return rows[:MOST_PHASES]


def _checked(title: str, minutes: str, kind: str) -> PhaseRow:
    error = ""
    if kind not in {"", QUIET} and not re.fullmatch(r"[0-4](\.[0-9]{1,3})?", kind):
        kind = ""
    if not 0 < len(title) <= 80:
        error = _("Give this phase a title of up to 80 characters.")
    elif not (minutes.isascii() and minutes.isdigit() and 1 <= int(minutes[:5]) <= MINUTES_MOST):
        error = _("Minutes are a whole number from 1 to 1440.")
    return PhaseRow(title, minutes, kind, error)


def agenda_of(rows: list[PhaseRow]) -> list[dict[str, Any]]:
    """Return rows without errors as the stored agenda."""
    return [{"title": row.title, "minutes": int(row.minutes), **_stored(row.kind)} for row in rows]


def _stored(kind: str) -> dict[str, Any]:
    if kind == QUIET:
        return {"quiet": True}
    return {"activity": float(kind)} if kind else {}
