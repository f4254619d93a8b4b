"""Tell operators that most of the budget is spent: by mail and by a signed webhook, each once.

The row says who was told; a failure is tried again by the next wake-up, ten times.
"""

import datetime as dt
import json
import logging
import smtplib
import urllib.request
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import F, Q

from interventions.agent.writing.llm.budget import NANO
from interventions.models import BudgetWindow
from interventions.notifications.webhooks.signing import signed

logger = logging.getLogger(__name__)
MOST_TRIES: Final = 10
TIMEOUT_SECONDS: Final = 5


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A signed alarm goes to the address it was meant for."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Follow nothing."""


_opener = urllib.request.build_opener(_NoRedirect)


def send_due(now: dt.datetime) -> int:
    """Tell about every window that passed 80 % and was not told of; return how many were tried."""
    due = BudgetWindow.objects.filter(
        Q(mailed_at=None) | Q(posted_at=None), alarmed_at__isnull=False, tries__lt=MOST_TRIES
    )
    count = 0
    for window in due.order_by("alarmed_at"):
        # Whoever counts this try makes it: two workers do not both send.
        mine = BudgetWindow.objects.filter(pk=window.pk, tries=window.tries)
        if mine.update(tries=F("tries") + 1):
            _tell(window, now)
            count += 1
    return count


def _tell(window: BudgetWindow, now: dt.datetime) -> None:
    """Each way by itself: a mail server that is away does not keep the webhook silent."""
    row = BudgetWindow.objects.filter(pk=window.pk)
    if window.mailed_at is None and _done(window, lambda: _mail(window)):
        row.update(mailed_at=now)
    if window.posted_at is None and _done(window, lambda: _post(window, now)):
        row.update(posted_at=now)


def _done(window: BudgetWindow, send: Callable[[], None]) -> bool:
    try:
        send()
    except (OSError, smtplib.SMTPException) as error:  # URLError is an OSError
        logger.warning("alarm of %s was not delivered: %s", window.pk, error)
        return False
    return True


def _mail(window: BudgetWindow) -> None:
    if settings.ALERT_EMAILS:
        logger.info("mailing the alarm of %s", window.pk)
        send_mail(_subject(window), _sentence(window), None, settings.ALERT_EMAILS)


def _post(window: BudgetWindow, now: dt.datetime) -> None:
    if not settings.ALERT_WEBHOOK_URL:
        return
    body = json.dumps(
        {
            "type": "budget.alarm",
            "timestamp": now.isoformat(),
            "data": {
                "window": window.pk,
                "limit_usd": window.limit / NANO,
                "used_usd": (window.spent + window.held) / NANO,
                "message": _sentence(window),
            },
        }
    ).encode()
    headers = signed(f"budget_{window.pk}", now, body, settings.ALERT_WEBHOOK_SECRET)
    request = urllib.request.Request(  # noqa: S310  (an operator wrote the address)
        settings.ALERT_WEBHOOK_URL, body, {"content-type": "application/json", **headers}
    )
    with _opener.open(request, timeout=TIMEOUT_SECONDS):
        pass


def _subject(window: BudgetWindow) -> str:
    return f"Engagement Conductor: most of the model budget is used ({window.pk})"


def _sentence(window: BudgetWindow) -> str:
    used, limit = (window.spent + window.held) / NANO, window.limit / NANO
    share = used / limit if limit else 1.0
    return (
        f"{share:.0%} of the budget for models is used: {used:.2f} of {limit:.2f} USD"
        f" ({window.pk}, UTC). When it is used up, templates write until the next one begins."
        " LLM_HOUR_USD and LLM_DAY_USD are the limits."
    )
