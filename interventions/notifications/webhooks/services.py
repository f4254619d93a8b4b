"""Add, change, rotate, try and remove webhooks; each function is one transaction."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from django.conf import settings
from django.db import transaction

from engagement.models import Organisation
from engagement.vocabulary.errors import conflict, invalid
from interventions.models import Webhook, WebhookMessage
from interventions.notifications import addresses
from interventions.notifications.addresses import AddressError
from interventions.notifications.webhooks import events as webhook_events
from interventions.notifications.webhooks.signing import new_secret

MOST_WEBHOOKS: Final = 20
"""Of one organisation: every event is written once for each."""


def create(
    organisation: Organisation, url: str, event_types: Sequence[str], now: dt.datetime
) -> Webhook:
    """Return a new webhook with its secret. event_types: empty for all.

    Raises a validation error for an address inside or an unknown type, a conflict at the 21st.
    """
    _check(url, event_types)
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        if Webhook.objects.filter(organisation=organisation).count() >= MOST_WEBHOOKS:
            raise conflict(
                "too_many_webhooks", "An organisation has at most %(most)s webhooks.",
                most=MOST_WEBHOOKS,
            )  # fmt: skip
        return Webhook.objects.create(
            organisation=organisation, url=url, secret=new_secret(), created_at=now,
            event_types=list(dict.fromkeys(event_types)),
        )  # fmt: skip


def change(
    hook: Webhook, *, url: str | None, event_types: Sequence[str] | None, is_active: bool | None
) -> Webhook:
    """Change what is given (None: leave it); switching on a disabled one lets it begin anew."""
    _check(hook.url if url is None else url, event_types or ())
    if url is not None:
        hook.url = url
    if event_types is not None:
        hook.event_types = list(dict.fromkeys(event_types))
    was_on = hook.is_active and hook.disabled_at is None
    if is_active is not None:
        hook.is_active = is_active
    fields = ["url", "event_types", "is_active"]
    if is_active and not was_on:
        hook.failing_since = hook.disabled_at = None
        hook.disabled_why = ""
        fields += ["failing_since", "disabled_at", "disabled_why"]
    hook.save(update_fields=fields)
    return hook


def rotate(hook: Webhook) -> Webhook:
    """Give it a new secret; messages carry signatures of both until `finish_rotation`."""
    with transaction.atomic():
        row = Webhook.objects.select_for_update().get(pk=hook.pk)
        row.old_secret, row.secret = row.secret, new_secret()
        row.save(update_fields=["secret", "old_secret"])
    return row


def finish_rotation(hook: Webhook) -> Webhook:
    """Sign with the new secret only; twice does no harm."""
    hook.old_secret = ""
    hook.save(update_fields=["old_secret"])
    return hook


def ping(hook: Webhook, now: dt.datetime) -> WebhookMessage:
    """Send it a "ping", so that somebody can see whether it arrives."""
    return webhook_events.add([hook], "ping", {"webhook": hook.pk}, now=now)[0]


def _check(url: str, event_types: Sequence[str]) -> None:
    try:
        addresses.check(url, may_be_private=settings.WEBHOOK_ALLOW_PRIVATE)
    except AddressError as error:
        error.field = "url"
        raise
    for event_type in event_types:
        if event_type not in webhook_events.TYPES:
            known = ", ".join(webhook_events.TYPES)
            raise invalid(
                "unknown_event_type", "Events are: %(words)s.", "event_types", words=known
            )
