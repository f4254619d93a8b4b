"""One person's budget in a session: signals, and of them lines and questions, however they come."""

import pytest
from django.conf import settings

from engagement.doors.admission.person_budget import BURST_SECONDS, OTHER, PersonBudget
from engagement.intake.wire_format import Chat, Question
from engagement.vocabulary.errors import ProblemError

ANN, BEN, ROOM, NEXT_ROOM = 1, 2, 10, 11


def wait(budget, kinds, now=0.0, actor=ANN, session_id=ROOM):
    """The seconds to wait; 0 where it was taken."""
    try:
        budget.take(session_id, actor, kinds, now)
    except ProblemError as problem:
        return problem.retry_after
    return 0


@pytest.mark.parametrize(
    ("kind", "most", "seconds"),
    [
        (Chat, settings.CHAT_LINES_PER_MINUTE, 3),
        (Question, settings.QUESTIONS_PER_MINUTE, 12),
        (OTHER, settings.SOCKET_SIGNALS_PER_SECOND * BURST_SECONDS, 1),
    ],
)
def test_so_many_at_once_and_then_at_a_pace(kind, most, seconds):
    budget = PersonBudget()

    waits = [wait(budget, [kind]) for _ in range(most + 1)]

    assert waits == [0] * most + [seconds]
    assert wait(budget, [kind], actor=BEN) == wait(budget, [kind], session_id=NEXT_ROOM) == 0
    assert wait(budget, [kind], now=seconds) == 0


def test_lines_that_wait_keep_no_reaction_waiting_and_take_nothing():
    budget = PersonBudget()
    wait(budget, [Chat] * settings.CHAT_LINES_PER_MINUTE)

    refused = [wait(budget, [Chat, OTHER]) for _ in range(1_000)]

    assert set(refused) == {3}
    assert wait(budget, [OTHER]) == wait(budget, [Question]) == 0


def test_frame_of_more_than_a_minute_may_say_gets_in_when_nothing_else_was_said():
    budget = PersonBudget()
    offline = [Chat] * (settings.CHAT_LINES_PER_MINUTE + 10)

    assert wait(budget, offline) == 0
    assert wait(budget, offline) == 60
    assert wait(budget, offline, now=60) == 0
