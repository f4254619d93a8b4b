"""Events, their sessions, and what a session of a kind is expected to be like."""

from __future__ import annotations

import secrets
from typing import Any, Final
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.models.organisations import Organisation, check_direction
from engagement.models.word_list import check_words
from engagement.vocabulary.modes import Mode
from engagement.vocabulary.site_addresses import MOST_CHARS, is_origin, origin_of

# No 0/O, 1/I/L: a code is read aloud and typed on phones.
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 6
MOST_PHASES = 40
MOST_ORIGINS = 20
PHASE_FIELDS = {"title", "minutes", "quiet", "activity"}


def make_code() -> str:
    """Return a fresh join code, about 30 bits."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def make_salt() -> bytes:
    """Return the 16 bytes that make an event's pseudonyms its own."""
    return secrets.token_bytes(16)


def check_time_zone(value: str) -> None:
    """Refuse a name that is no time zone of a place (Europe/Berlin), nor UTC.

    Others ("localtime", "Factory") mean something else on each machine.
    """
    if value != "UTC" and ("/" not in value or value not in available_timezones()):
        raise ValidationError(_("%(value)s is not a time zone."), params={"value": value})


def check_phases(value: Any) -> None:
    """Refuse an agenda that is not a list of {title, minutes, quiet?, activity?}.

    `minutes` is the length, 1 to 1,440; `quiet` marks a break or the like, in which nothing alarms;
    `activity`, 0.1 to 4, is how much the audience is expected to chat and react there, as a factor
    on what it usually does (questions and answers: about 0.5).
    """
    problem = ValidationError(
        _("An agenda is a list of phases with a title (up to 80 characters) and minutes (1–1440).")
    )
    if not isinstance(value, list) or len(value) > MOST_PHASES:
        raise problem
    for phase in value:
        if not isinstance(phase, dict) or not set(phase) <= PHASE_FIELDS:
            raise problem
        title, minutes = phase.get("title"), phase.get("minutes")
        if not isinstance(title, str) or not 0 < len(title.strip()) <= 80:
            raise problem
        check_direction(title)
        if isinstance(minutes, bool) or not isinstance(minutes, int) or not 1 <= minutes <= 1440:
            raise problem
        if not isinstance(phase.get("quiet", False), bool) or not _is_factor(phase):
            raise problem


def check_origins(value: Any) -> None:
    """Refuse what is not a list of origins as browsers write them ("https://a.example")."""
    problem = ValidationError(_("Origins are a list of addresses like https://www.example.com."))
    if not isinstance(value, list) or len(value) > MOST_ORIGINS:
        raise problem
    if not all(isinstance(each, str) and is_origin(each) for each in value):
        raise problem


def check_stream(value: str) -> None:
    """Refuse an address that is no https one: a player is shown in a frame of ours."""
    try:
        is_secure = origin_of(value).startswith("https://")
    except ValueError:
        is_secure = False
    if not is_secure:
        raise ValidationError(_("The address of a player begins with https://."))


def _is_factor(phase: dict[str, Any]) -> bool:
    activity = phase.get("activity", 1.0)
    a_number = isinstance(activity, int | float) and not isinstance(activity, bool)
    return a_number and 0.1 <= activity <= 4.0


class ScoringProfile(models.Model):
    """Weights and expectations of the score for one kind of event; each metric names its version.

    `parameters` is the JSON of `engagement.scoring.Profile`. A change makes a new version.
    """

    name = models.CharField(_("name"), max_length=60)
    version = models.PositiveIntegerField(_("version"), unique=True)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    is_default = models.BooleanField(_("default"), default=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("scoring profile")
        verbose_name_plural = _("scoring profiles")
        ordering = ("-version",)
        constraints = [
            models.UniqueConstraint(
                fields=("is_default",),
                condition=models.Q(is_default=True),
                name="one_default_scoring_profile",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class Event(models.Model):
    """A conference, webinar or course: what its sessions have in common."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="events")
    title = models.CharField(_("title"), max_length=120, validators=[check_direction])
    language = models.CharField(
        _("language"), max_length=8, choices=settings.LANGUAGES, default="en"
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[check_time_zone]
    )
    profile = models.ForeignKey(
        ScoringProfile, models.PROTECT, null=True, blank=True, verbose_name=_("scoring profile")
    )
    # Sites that may show the attendee page in a frame; none: nobody may.
    allowed_origins = models.JSONField(
        _("sites that may embed it"), default=list, blank=True, validators=[check_origins]
    )
    # A moderator reads first what holds one of them, and no text of ours says one.
    blocked_words = models.JSONField(
        _("list of words"), default=list, blank=True, validators=[check_words]
    )
    # What the audience has written since then may be quoted to a language model; None: nothing is.
    model_reads_since = models.DateTimeField(
        _("a language model reads what the audience writes since"), null=True, blank=True
    )
    salt = models.BinaryField(default=make_salt, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.title

    @property
    def model_reads_audience(self) -> bool:
        """Whether what the audience writes may be quoted to a language model."""
        return self.model_reads_since is not None


class SessionStatus(models.TextChoices):
    """Planned, live, ended; never back."""

    PLANNED = "planned", _("Planned")
    LIVE = "live", _("Live")
    ENDED = "ended", _("Ended")


MODE_CHOICES: Final = [
    (Mode.MANUAL.value, _("Manual")),
    (Mode.SEMI_AUTO.value, _("Semi-auto")),
    (Mode.AUTO.value, _("Auto")),
]


def mode_name(mode: str) -> str:
    """Return the word for who may send; for a mode of another version its name."""
    return str(dict(MODE_CHOICES).get(mode, mode))


class Session(models.Model):
    """One room or talk that is heard."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="sessions")
    # The event's, written by a trigger of the database: what is unique is so within an organisation.
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, editable=False, related_name="+"
    )
    title = models.CharField(_("title"), max_length=120, validators=[check_direction])
    room = models.CharField(_("room"), max_length=80, blank=True, validators=[check_direction])
    brief = models.TextField(_("brief"), max_length=4000, blank=True, validators=[check_direction])
    language = models.CharField(
        _("language"), max_length=8, choices=settings.LANGUAGES, default="en"
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[check_time_zone]
    )
    agenda = models.JSONField(_("agenda"), default=list, blank=True, validators=[check_phases])
    expected_size = models.PositiveIntegerField(
        _("expected people"),
        default=50,
        validators=[MinValueValidator(1), MaxValueValidator(100_000)],
    )
    starts_at = models.DateTimeField(_("starts at"), null=True, blank=True)
    # A player, shown in a frame on the attendee page; empty: none.
    stream_url = models.CharField(
        _("stream"), max_length=MOST_CHARS, blank=True, validators=[check_stream]
    )
    status = models.CharField(
        _("status"), max_length=8, choices=SessionStatus.choices, default=SessionStatus.PLANNED
    )
    started_at = models.DateTimeField(_("started at"), null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True, editable=False)
    code = models.CharField(
        _("join code"), max_length=8, unique=True, default=make_code, editable=False
    )
    # What a system of the organisation calls this session; its Redis channels name it so.
    external_id = models.CharField(_("external id"), max_length=120, null=True, blank=True)
    agent_mode = models.CharField(
        _("agent"), max_length=10, choices=MODE_CHOICES, default=Mode.MANUAL.value
    )
    # Nobody new gets in since then; who is in stays.
    locked_at = models.DateTimeField(_("locked at"), null=True, blank=True, editable=False)
    # The words on the screen that joiners type follow from it (`door_words`); None: none are asked for.
    door_secret = models.BinaryField(null=True, blank=True, editable=False)
    is_demo = models.BooleanField(_("demo"), default=False)
    # Nothing of it leaves the product (webhooks, phones, platforms, models), and it teaches nothing.
    is_sandboxed = models.BooleanField(_("sandboxed"), default=False, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ("-created_at",)
        indexes = [models.Index(fields=("status",), name="session_status")]
        constraints = [
            models.UniqueConstraint(
                fields=("organisation", "external_id"), name="session_external_id_once"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=SessionStatus.values), name="session_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status="planned") | models.Q(started_at__isnull=False),
                name="session_started_when_live",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="ended") | models.Q(ended_at__isnull=False),
                name="session_ended_at_when_ended",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def asks_word(self) -> bool:
        """Whether joiners type the words on the screen."""
        return self.door_secret is not None
