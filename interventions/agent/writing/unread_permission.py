"""Whether a draft may go out although nobody has read it: a template may.

A model's text may where the organizer allowed that and a second look found nothing (`second_look`).
"""

from typing import Final

from interventions.kinds import Kind
from interventions.lifecycle.agent_setup import Setup
from interventions.lifecycle.autonomy import Gate, Step, gate
from interventions.models import AskedBy, Intervention
from interventions.text_checks.word_list import holds_any
from interventions.vocabulary.authorship import Source, quote_source, source_of

AUDIENCE_WORDS: Final = "audience_words"
LISTED_WORDS: Final = "listed_words"
MODEL_WORDS: Final = "model_words"


CHECKED: Final = "checked"
"""In a row's `gate`: the second look found nothing in these very words."""


def why_read(row: Intervention, setup: Setup) -> str:
    """Return why a person reads these words before they go out, a code; empty where nobody must."""
    if quote_source(row.content):
        return AUDIENCE_WORDS
    content = row.content or {}
    texts = (str(content.get("text", "")), *map(str, content.get("options") or ()))
    if any(holds_any(text, tuple(row.session.event.blocked_words)) for text in texts):
        # Not even the last template did without: the organizer says.
        return LISTED_WORDS
    is_model = source_of(row.author, row.content, row.original) is Source.MODEL
    is_allowed = setup.sends_model_words and row.gate.get(CHECKED) is True
    return MODEL_WORDS if is_model and not is_allowed else ""


def passage(row: Intervention, setup: Setup, unread: str = "") -> Gate:
    """Return whether a suggestion waits for a person or counts down. `unread`: as `why_read` has it."""
    decided = row.decided
    return gate(
        setup.autonomy,
        Kind(row.kind),
        decided.confidence.get(row.kind, 0.0),
        deliveries=decided.deliveries.get(row.kind, 0),
        holdouts=decided.holdouts,
        is_manual=row.asked_by != AskedBy.ANOMALY,
        unread=unread,
    )


def goes_unread(row: Intervention, setup: Setup) -> bool:
    """Whether a suggestion would go out without a person if its words were a template's."""
    return passage(row, setup).step is Step.COUNT_DOWN
