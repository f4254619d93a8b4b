"""The report's "what if": its form, its reads, and what is drawn beside the real curve."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.page_data.tick_values import rounded
from dashboard.report import what_if
from dashboard.report.page import WHOLE_MOST, SummaryPage
from dashboard.score import queries
from dashboard.score.chart import Sample, draw, thin
from dashboard.wording import sentences
from engagement.detection.queries import active_detector, scope_of
from engagement.scoring import CHANNELS, Profile
from engagement.sessions.agenda import Agenda

DETECTORS: Final = (
    ("scan", gettext_lazy("Scan: many windows at once (in use)")),
    ("hybrid", gettext_lazy("Hybrid: robust levels and trees")),
)


class WhatIfForm(forms.Form):
    """Weights in points, lines in percent of full evidence."""

    detector = forms.ChoiceField(label=gettext_lazy("Detector"), choices=DETECTORS)
    warning = forms.IntegerField(label=gettext_lazy("Warning from (%)"), min_value=10, max_value=95)
    critical = forms.IntegerField(
        label=gettext_lazy("Critical from (%)"), min_value=15, max_value=99
    )

    def __init__(self, data: Mapping[str, Any] | None, profile: Profile) -> None:
        super().__init__(
            data,
            initial={"detector": "scan", "warning": 60, "critical": 80, **_weights(profile)},
            auto_id="what-if-%s",
        )
        for name in CHANNELS:
            least = 1 if name == "active" else 0
            self.fields[name] = forms.IntegerField(
                label=sentences.part_name(name), min_value=least, max_value=100
            )

    def clean(self) -> dict[str, Any]:
        """A critical line below the warning line would leave no warnings."""
        values = super().clean() or {}
        if values.get("critical", 100) <= values.get("warning", 0):
            self.add_error("critical", _("Critical begins above the warning line."))
        return values

    @property
    def weights(self) -> list[forms.BoundField]:
        """The fields of the channels' weights."""
        return [self[name] for name in CHANNELS]


def _weights(profile: Profile) -> dict[str, int]:
    return {name: round(w) for name, w in zip(CHANNELS, profile.weights, strict=True)}


@dataclass(frozen=True, slots=True)
class Alarm:
    """A line of the list of alarms that would have been."""

    at_ms: int
    kind: str
    severity: str
    x: str


class WhatIf:
    """A form, and the answer where something was asked. Reads only; nothing is stored."""

    def __init__(self, data: Mapping[str, Any], page: SummaryPage) -> None:
        self.page = page
        self.profile = queries.profile_of(page.session)
        self.form = WhatIfForm(data if "detector" in data else None, self.profile)

    @cached_property
    def answer(self) -> what_if.Answer | None:
        """What would have been; None where nothing (or nothing sensible) was asked."""
        if not self.form.is_valid():
            return None
        session, values = self.page.session, self.form.cleaned_data
        chat, polls, active, reactions, questions = (float(values[name]) for name in CHANNELS)
        question = what_if.Question(
            # What the form shows rounded is meant exactly while it is not changed.
            profile=self.profile
            if {name: values[name] for name in CHANNELS} == _weights(self.profile)
            else replace(self.profile, weights=(chat, polls, active, reactions, questions)),
            detector=values["detector"],
            warning=values["warning"] / 100,
            critical=values["critical"] / 100,
        )
        started = session.started_at or session.created_at
        agenda = Agenda.of(session.agenda, started.timestamp())
        facts = queries.facts_since(session, started, what_if.MOST_TICKS)
        return what_if.answer(facts, question, agenda, active_detector(scope_of(session)).tuning)

    @cached_property
    def line(self) -> str:
        """The other curve, for the chart of the whole session."""
        if self.answer is None:
            return ""
        samples = [Sample(t, score, None, None, "") for t, score in self.answer.counted]
        return draw(thin(samples, WHOLE_MOST), self.page.window).line

    @cached_property
    def alarms(self) -> list[Alarm]:
        """The alarms that would have been, in order of time."""
        raised = self.answer.raised if self.answer else []
        place = self.page.window.percent
        return [Alarm(each.t, each.kind, each.severity, place(each.t)) for each in raised]

    @cached_property
    def averages(self) -> tuple[int | None, int | None]:
        """The mean score as it was, and as it would have been, of the same stretch of time."""
        if self.answer is None:
            return None, None
        last = self.answer.counted[-1].t if self.answer.counted else 0
        real = [
            each.score
            for each in self.page.moments
            if each.score is not None and each.milliseconds <= last
        ]
        return rounded(sum(real) / len(real) if real else None), rounded(self.answer.average)
