"""Whether others still see the audience's words that a text rests on: people are erased meanwhile."""

from collections.abc import Collection

from interventions.models import ChatLine, ChatState, Question, QuestionStatus

WITHDRAWN = "withdrawn"
"""Why no model is asked, or a template wrote what a model had."""


def stand(lines: Collection[int], question: int | None, quote: str) -> bool:
    """Whether the chat lines, and the question with these words, are shown (two queries at most).

    For good only under the lock of the session's chat, in which people are erased and removed.
    """
    if question is not None:
        asked = Question.objects.filter(pk=question, text=quote)
        if not asked.filter(status__in=(QuestionStatus.OPEN, QuestionStatus.ANSWERED)).exists():
            return False
    if not lines:
        return True
    return ChatLine.objects.filter(pk__in=lines, state=ChatState.SHOWN).count() == len(lines)
