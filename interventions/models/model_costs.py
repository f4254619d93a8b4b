"""What each call of a model cost, what may still be spent, and who was told of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from interventions.models.outgoing import Outgoing


class LlmCall(models.Model):
    """One request to a model and what it cost. Append-only; a hypertable on TimescaleDB.

    Money is nano-dollars, tokens are as billed. Holds no text: neither prompt nor answer.
    """

    pk = models.CompositePrimaryKey("time", "call")
    time = models.DateTimeField(_("time"))
    call = models.UUIDField(_("call"))
    # Not a foreign key: a ledger outlives what it was for. 0 where it was for no session.
    session_id = models.BigIntegerField(_("session"), default=0)
    kind = models.CharField(_("kind"), max_length=20)
    model = models.CharField(_("model"), max_length=80)
    outcome = models.CharField(_("outcome"), max_length=60)
    prompt_version = models.CharField(max_length=20)
    input_tokens = models.IntegerField(default=0)
    write_5m_tokens = models.IntegerField(default=0)
    write_1h_tokens = models.IntegerField(default=0)
    read_tokens = models.IntegerField(default=0)
    output_tokens = models.IntegerField(default=0)
    cost = models.BigIntegerField(_("cost"))
    # What input, and all of it, would have cost without a cache.
    input_cost = models.BigIntegerField(default=0)
    uncached_input_cost = models.BigIntegerField(default=0)
    # No answer came: the cost is what was reserved, because the server may have billed it.
    is_assumed = models.BooleanField(_("assumed"), default=False)
    latency_ms = models.IntegerField(_("latency"))
    # The server's name for the request.
    request_id = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("model call")
        verbose_name_plural = _("model calls")
        indexes: ClassVar = [models.Index(fields=("session_id", "-time"), name="call_by_session")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(cost__gte=0), name="call_cost_not_negative")
        ]

    def __str__(self) -> str:
        return f"{self.model}: {self.outcome}"


class BudgetWindow(models.Model):
    """One hour or day of spending, shared by all processes (nano-dollars)."""

    # "hour:2026-03-03T12" or "day:2026-03-03", UTC; an organisation's part of it "7:h26030312", "7:d260303".
    key = models.CharField(max_length=20, primary_key=True)
    limit = models.BigIntegerField(_("limit"))
    spent = models.BigIntegerField(_("spent"), default=0)
    held = models.BigIntegerField(_("held"), default=0)
    # Set once, by the process that passed 80 %; then people are told, each way once.
    alarmed_at = models.DateTimeField(_("alarm at"), null=True, blank=True)

    class Meta:
        verbose_name = _("budget window")
        verbose_name_plural = _("budget windows")

    def __str__(self) -> str:
        return self.key


class AlertWay(models.TextChoices):
    """How operators are told."""

    MAIL = "mail", _("By mail")
    POST = "post", _("By webhook")


class BudgetAlert(Outgoing):
    """What operators are told of one window, in one way."""

    window = models.ForeignKey(BudgetWindow, models.CASCADE, related_name="alerts")
    way = models.CharField(_("way"), max_length=4, choices=AlertWay.choices)

    class Meta(Outgoing.Meta):
        verbose_name = _("budget alert")
        verbose_name_plural = _("budget alerts")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("window", "way"), name="alert_once_in_each_way")
        ]

    def __str__(self) -> str:
        return f"{self.window_id} {self.way}: {self.status}"


class ModelRest(models.Model):
    """A model that asked for time (Retry-After): nobody asks it before `until`."""

    model = models.CharField(max_length=80, primary_key=True)
    until = models.DateTimeField()
    outcome = models.CharField(max_length=60)

    class Meta:
        verbose_name = _("resting model")
        verbose_name_plural = _("resting models")

    def __str__(self) -> str:
        return self.model
