"""What somebody is told before she joins: what is kept of her, for how long, and who reads it."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings

from engagement.models import Session
from interventions.agent.writing import writer

PROVIDER: Final = "Anthropic"
"""Whose server is asked unless the operator has one of her own."""


@dataclass(frozen=True, slots=True)
class Notice:
    """`is_read`: the chat may go to a model; `provider` is whose, "" for a server of the operator's."""

    days: int
    is_read: bool
    provider: str


def notice_of(session: Session) -> Notice:
    """Return the facts of the notice; a model reads where one is set up and the event lets it."""
    is_read = writer.is_on() and session.event.model_reads_audience and not session.is_sandboxed
    provider = PROVIDER if is_read and not settings.ANTHROPIC_BASE_URL else ""
    return Notice(settings.SIGNAL_DAYS, is_read, provider)
