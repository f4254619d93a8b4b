"""What the moderators' page needs of its lines."""

from collections.abc import Sequence

from django import template

from dashboard.audience.chat import wording as chat_wording
from interventions.models import ChatLine

register = template.Library()


@register.filter
def why_text(code: str) -> str:
    """Return why a message was held or hidden by itself."""
    return chat_wording.why_text(code)


@register.filter
def after(lines: Sequence[ChatLine], number: int) -> int | str:
    """Return which line follows the n-th (from 1), or "" where none does."""
    return lines[number].pk if number < len(lines) else ""
