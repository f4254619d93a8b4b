"""Time series: hypertables on TimescaleDB, plain tables on plain PostgreSQL.

Their keys are composite with the time in them from the first migration on (TimescaleDB refuses
anything else, and Django cannot change a key later without losing it). No foreign key may point
at them, and they are written by COPY, not by the ORM.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.models.sessions import Session
from engagement.vocabulary.signal_kinds import WIRE_NAMES


class StreamOffset(models.Model):
    """How far a shard's stream has been drained; written in the transaction of the rows it stands for."""

    shard = models.PositiveIntegerField(primary_key=True)
    entry_id = models.CharField(max_length=40, default="0-0")
    # The last closed tick, so that a restart knows which ticks are due.
    tick = models.BigIntegerField(default=0)
    # The last tick in which a web process said that it hears: a tick without such a word and
    # without signals was not silent, it was not heard.
    open_tick = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("stream offset")
        verbose_name_plural = _("stream offsets")

    def __str__(self) -> str:
        return f"{self.shard}: {self.entry_id}"


class Signal(models.Model):
    """One thing the audience did. `source` + `seq` is its identity; a duplicate falls out earlier."""

    pk = models.CompositePrimaryKey("session", "received_at", "source", "seq")
    session = models.ForeignKey(Session, models.CASCADE, related_name="+", db_index=False)
    # Ours; the live score counts by this clock.
    received_at = models.DateTimeField(_("received at"))
    # Theirs; reports count by this one.
    occurred_at = models.DateTimeField(_("occurred at"))
    # The tick that counted it (or would have, were it not late).
    tick = models.BigIntegerField(_("tick"))
    kind = models.SmallIntegerField(
        _("kind"), choices=[(kind.value, name) for kind, name in WIRE_NAMES.items()]
    )
    # Keyed hash of the person, 0 where nobody is meant.
    actor = models.BigIntegerField(_("actor"))
    source = models.BigIntegerField(_("source"))
    seq = models.BigIntegerField(_("sequence"))
    text = models.CharField(_("text"), max_length=500, blank=True)
    number = models.BigIntegerField(_("number"), default=0)
    # Stored, but not in the live score.
    late = models.BooleanField(_("late"), default=False)
    # Answers one of our own interventions: not in the organic score.
    induced = models.BooleanField(_("induced"), default=False)

    class Meta:
        verbose_name = _("signal")
        verbose_name_plural = _("signals")
        # One person's rows, to show and to erase: 0.4 ms where a session of a million took 90. It costs
        # 9 MB for a million rows, and 1 µs of 3 for each that is written.
        indexes: ClassVar = [models.Index(fields=("session", "actor"), name="signal_by_person")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} @{self.tick}"


class Metric(models.Model):
    """One closed tick of one session: the facts, the score, its parts, the detector's readings."""

    pk = models.CompositePrimaryKey("time", "session")
    # The end of the tick.
    time = models.DateTimeField(_("time"))
    session = models.ForeignKey(Session, models.CASCADE, related_name="+", db_index=False)
    tick = models.BigIntegerField(_("tick"))

    # --- the facts, named as in engagement.scoring.tick_facts.TickFacts
    present = models.IntegerField(_("present"))
    presence_known = models.BooleanField()
    leaves_known = models.BooleanField()
    joins = models.IntegerField(_("joins"))
    leaves = models.IntegerField(_("leaves"))
    chat = models.IntegerField(_("chat"))
    reactions = models.IntegerField(_("reactions"))
    votes = models.IntegerField(_("votes"))
    questions = models.IntegerField(_("questions"))
    chat_people = models.IntegerField()
    reaction_people = models.IntegerField()
    question_people = models.IntegerField()
    active_people = models.IntegerField()
    poll_voters = models.IntegerField()
    poll_eligible = models.IntegerField()
    poll_age = models.IntegerField()
    poll_closed_for = models.IntegerField()
    poll_induced = models.BooleanField()
    pulse_answers = models.IntegerField()
    pulse_good = models.IntegerField()
    organic_chat_people = models.IntegerField()
    organic_reaction_people = models.IntegerField()
    organic_question_people = models.IntegerField()
    organic_active_people = models.IntegerField()
    organic_poll_voters = models.IntegerField()
    stream_offline = models.BooleanField()
    heard = models.BooleanField()
    silent_for = models.IntegerField()
    since_change = models.IntegerField(db_default=0, default=0)

    # --- the score; null where there are not enough people to tell
    score = models.FloatField(_("score"), null=True)
    low = models.FloatField(_("band from"), null=True)
    high = models.FloatField(_("band to"), null=True)
    organic = models.FloatField(_("organic score"), null=True)
    state = models.CharField(_("state"), max_length=12)
    # How many ticks ago the change is told from: the last before a trouble, its lowest after it; 0: 24.
    turned = models.IntegerField(db_default=0, default=0)
    # Points of each part; they add up to the score.
    points_chat = models.FloatField()
    points_polls = models.FloatField()
    points_active = models.FloatField()
    points_reactions = models.FloatField()
    points_questions = models.FloatField()
    points_leaving = models.FloatField()
    points_carry = models.FloatField()
    profile_version = models.IntegerField()

    # --- the detector's evidence (one-sided z) and its score, 0 to 1
    fast = models.FloatField()
    slow = models.FloatField()
    exit = models.FloatField()
    low_z = models.FloatField()
    alarm = models.FloatField()
    # The second detector, run in the shadow on some sessions.
    shadow = models.FloatField(null=True)

    class Meta:
        verbose_name = _("metric")
        verbose_name_plural = _("metrics")
        indexes: ClassVar = [models.Index(fields=("session", "-time"), name="metric_by_session")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(score__isnull=True) | models.Q(score__gte=0, score__lte=100),
                name="metric_score_0_to_100",
            )
        ]

    def __str__(self) -> str:
        return f"{self.session_id} @{self.tick}"
