"""The time series as staff see them: database views with a key the admin can link to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.models.sessions import Session
from engagement.vocabulary.signal_kinds import WIRE_NAMES


class MetricRecord(models.Model):
    """A closed tick; `key` is session-tick."""

    key = models.CharField(primary_key=True, max_length=60)
    session = models.ForeignKey(Session, models.DO_NOTHING, related_name="+")
    time = models.DateTimeField(_("time"))
    tick = models.BigIntegerField(_("tick"))
    present = models.IntegerField(_("present"))
    joins = models.IntegerField(_("joins"))
    leaves = models.IntegerField(_("leaves"))
    chat = models.IntegerField(_("chat"))
    reactions = models.IntegerField(_("reactions"))
    votes = models.IntegerField(_("votes"))
    questions = models.IntegerField(_("questions"))
    score = models.FloatField(_("score"), null=True)
    low = models.FloatField(_("band from"), null=True)
    high = models.FloatField(_("band to"), null=True)
    state = models.CharField(_("state"), max_length=12)
    alarm = models.FloatField(_("alarm"))
    shadow = models.FloatField(_("second detector"), null=True)
    profile_version = models.IntegerField(_("profile version"))

    class Meta:
        managed = False
        db_table = "engagement_metric_record"
        verbose_name = _("metric")
        verbose_name_plural = _("metrics")

    def __str__(self) -> str:
        return self.key


class SignalRecord(models.Model):
    """A signal; `key` is session-received-source-sequence. Its words are shown, its person is not."""

    key = models.CharField(primary_key=True, max_length=100)
    session = models.ForeignKey(Session, models.DO_NOTHING, related_name="+")
    received_at = models.DateTimeField(_("received at"))
    occurred_at = models.DateTimeField(_("occurred at"))
    tick = models.BigIntegerField(_("tick"))
    kind = models.SmallIntegerField(
        _("kind"), choices=[(kind.value, name) for kind, name in WIRE_NAMES.items()]
    )
    text = models.CharField(_("text"), max_length=500)
    number = models.BigIntegerField(_("number"))
    late = models.BooleanField(_("late"))

    class Meta:
        managed = False
        db_table = "engagement_signal_record"
        verbose_name = _("signal")
        verbose_name_plural = _("signals")

    def __str__(self) -> str:
        return self.key
