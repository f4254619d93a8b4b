"""Tell operators that most of the budget is spent: by mail and by a signed webhook, each once.

A failure is tried again by the next wake-up, ten times.
"""

import datetime as dt
import json
import smtplib
from functools import partial
from typing import Final

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Value

from interventions.agent.writing.llm.budget import NANO
from interventions.models import AlertWay, BudgetAlert, BudgetWindow, DeliveryStatus
from interventions.notifications.http import Answer, send
from interventions.notifications.outbox import Outbox, Send, Sender
from interventions.notifications.webhooks.signing import signed

MOST_TRIES: Final = 10
POST_SECONDS: Final = 5.0


class AlertSender(Sender[BudgetAlert]):
    """Each way by itself: a mail server that is away does not keep the webhook silent."""

    model, stage = BudgetAlert, "alarm-note"
    owner, recipient, place = Value(0), "way", "pk"
    related = ("window",)
    retry_after = (dt.timedelta(0),) * (MOST_TRIES - 1)

    def seal(self, row: BudgetAlert, now: dt.datetime) -> Send:
        """Write the mail, or the body; where nobody is to be told, nothing is sent."""
        window = row.window
        if row.way == AlertWay.MAIL and settings.ALERT_EMAILS:
            return partial(_mail, window)
        if row.way == AlertWay.POST and settings.ALERT_WEBHOOK_URL:
            body = _body(window, now)
            headers = signed(f"budget_{window.pk}", now, body, settings.ALERT_WEBHOOK_SECRET)
            url = settings.ALERT_WEBHOOK_URL
            return partial(send, url, body, headers, seconds=POST_SECONDS, is_ours=True)
        return Answer


ALERTS: Final = Outbox(AlertSender())


def send_due(now: dt.datetime) -> int:
    """Tell about every window that passed 80 % and was not told of; return how many there are."""
    fresh = BudgetWindow.objects.filter(alarmed_at__isnull=False, alerts=None)
    BudgetAlert.objects.bulk_create(
        [BudgetAlert(window=each, way=way, next_at=now) for each in fresh for way in AlertWay],
        ignore_conflicts=True,
    )
    due = BudgetWindow.objects.filter(alerts__status=DeliveryStatus.PENDING).distinct().count()
    ALERTS.begin_due(now)
    ALERTS.note_answers(now, seconds=AlertSender.seconds)
    return due


def _mail(window: BudgetWindow) -> Answer:
    subject = f"Engagement Conductor: most of the model budget is used ({window.pk})"
    try:
        send_mail(subject, _sentence(window), None, settings.ALERT_EMAILS)
    except (OSError, smtplib.SMTPException) as error:
        return Answer(error=f"no_answer: {error}")
    return Answer()


def _body(window: BudgetWindow, now: dt.datetime) -> bytes:
    data = {
        "window": window.pk,
        "limit_usd": window.limit / NANO,
        "used_usd": (window.spent + window.held) / NANO,
        "message": _sentence(window),
    }
    said = {"type": "budget.alarm", "timestamp": now.isoformat(), "data": data}
    return json.dumps(said).encode()


def _sentence(window: BudgetWindow) -> str:
    used, limit = (window.spent + window.held) / NANO, window.limit / NANO
    share = used / limit if limit else 1.0
    return (
        f"{share:.0%} of the budget for models is used: {used:.2f} of {limit:.2f} USD"
        f" ({window.pk}, UTC). When it is used up, templates write until the next one begins."
        " LLM_HOUR_USD and LLM_DAY_USD are the limits."
    )
