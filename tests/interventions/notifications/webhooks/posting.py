"""Both rounds of the webhooks' outbox, one after the other."""

import datetime as dt

from interventions.notifications.webhooks.sender import WEBHOOKS


def post_due(now: dt.datetime, *, limit: int = 50, seconds: float = 20.0) -> int:
    """Begin to send the messages that are due, and note what comes of it within `seconds`."""
    begun = WEBHOOKS.begin_due(now, limit=limit)
    WEBHOOKS.note_answers(now, seconds=seconds)
    return begun
