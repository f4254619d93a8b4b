"""What pages are told of the chat."""

import json

from interventions.audience.chat.frames import NEWS_LINES, news_frame
from interventions.models import ChatLine
from tests.conftest import NOON


def test_who_floods_takes_nobody_elses_place():
    others = [_line(pk, actor=pk) for pk in range(1, 6)]
    flood = [_line(pk, actor=99) for pk in range(100, 140)]

    frame = json.loads(news_frame([*others, *flood], [], b"salt", NOON))

    told = [line["id"] for line in frame["lines"]]
    assert told == [1, 2, 3, 4, 5, *range(125, 140)]
    assert frame["left_out"] == 45 - NEWS_LINES


def test_lines_of_nobody_in_particular_are_not_one_persons():
    lines = [_line(pk, actor=0) for pk in range(1, 20)]
    two = [_line(pk, actor=7) for pk in (30, 31)]

    frame = json.loads(news_frame([*lines, *two], [], b"salt", NOON))

    assert [line["id"] for line in frame["lines"]] == [*range(1, 20), 31]


def _line(pk: int, actor: int) -> ChatLine:
    return ChatLine(pk=pk, session_id=1, actor=actor, name="", text="hi", said_at=NOON)
