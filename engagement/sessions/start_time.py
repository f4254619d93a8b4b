"""When a session starts, as forms show and read it: by the clock of the session's own time zone."""

import datetime as dt
from typing import Any, ClassVar, Final
from zoneinfo import available_timezones

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.models import Session
from engagement.sessions.local_time import NoSuchTimeError, clock_of, moment_of

KEEP_CLOCK: Final = "clock"
KEEP_MOMENT: Final = "moment"


class StartForm(forms.ModelForm[Session]):
    """Reads `starts_at` in the zone of the form. What was not touched stays the same moment: also the
    second 02:30 of an autumn night, and seconds that the form does not show.

    A new zone alone could mean another moment or another reading of the clock: then it asks, by
    `zone_change`.
    """

    # The field shows no seconds.
    to_the_minute: ClassVar[bool] = True
    zone_change = forms.ChoiceField(
        label=gettext_lazy("Where the time zone changes"),
        choices=[
            (KEEP_CLOCK, gettext_lazy("Keep the time of day: it starts at another moment")),
            (KEEP_MOMENT, gettext_lazy("Keep the moment: the clock there shows another time")),
        ],
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asks_zone_change = False
        self.before = self.instance.starts_at
        self.zone_before = self.instance.time_zone
        self.shown: dt.datetime | None = None
        if self.before is not None:
            self.shown = clock_of(self.before, self.zone_before).replace(microsecond=0)
            if self.to_the_minute:
                self.shown = self.shown.replace(second=0)
            self.initial["starts_at"] = self.shown

    def clean_brief(self) -> str:
        """Return the brief with the line ends that every other door keeps: browsers send two characters."""
        return str(self.cleaned_data.get("brief") or "").replace("\r\n", "\n")

    def clean(self) -> dict[str, Any]:
        """Put the moment that is meant into `starts_at`."""
        data = super().clean() or {}
        typed, zone = data.get("starts_at"), data.get("time_zone")
        # The field has read the clock as UTC's; a zone that is none is told by the model.
        if isinstance(typed, dt.datetime) and zone in available_timezones():
            data["starts_at"] = self._moment(typed.replace(tzinfo=None), zone, data)
        return data

    def _moment(self, typed: dt.datetime, zone: str, data: dict[str, Any]) -> dt.datetime | None:
        if self.before is not None and typed == self.shown:
            if zone == self.zone_before or data.get("zone_change") == KEEP_MOMENT:
                return self.before
            if data.get("zone_change") != KEEP_CLOCK:
                self._ask(self.before, typed, zone)
                return self.before
        try:
            return moment_of(typed, zone)
        except NoSuchTimeError:
            self.add_error("starts_at", no_such_time(typed, zone))
            return None

    def _ask(self, before: dt.datetime, typed: dt.datetime, zone: str) -> None:
        there = clock_of(before, zone)
        choices: list[tuple[str, Any]] = [
            (
                KEEP_CLOCK,
                _("It starts at %(time)s there, at another moment.") % {"time": _at(typed)},
            ),
            (
                KEEP_MOMENT,
                _("It starts at the same moment, which is %(time)s there.") % {"time": _at(there)},
            ),
        ]
        field = self.fields["zone_change"]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices
        self.asks_zone_change = True
        self.add_error(
            "zone_change",
            _("You changed the time zone from %(before)s to %(after)s. Say what is meant.")
            % {"before": self.zone_before, "after": zone},
        )


def no_such_time(typed: dt.datetime, zone: str) -> str:
    """Return the sentence for a time that no clock of the zone shows."""
    return _(
        "No clock in %(zone)s shows %(time)s: when clocks are put forward, an hour is left out. "
        "Choose another time."
    ) % {"time": _at(typed), "zone": zone}


def _at(clock: dt.datetime) -> str:
    return f"{date_format(clock, 'DATE_FORMAT')} {clock:%H:%M}"
