import pytest

from engagement.detection import DetectorTick
from engagement.detection.count_tables import TableError, read_ticks


def table(*lines: str) -> list[tuple[int, DetectorTick]]:
    return list(read_ticks(f"{line}\n" for line in lines))


def test_full_table_is_read_as_it_stands():
    told = table("tick,chat,reactions,present,joins,leaves,votes", "7,1,2,30,4,5,6")

    assert told == [(7, DetectorTick(1, 2, 6, 30, True, 4, 5, True))]


def test_chat_alone_leaves_presence_unknown():
    assert table("tick,chat", "0,3") == [
        (0, DetectorTick(chat=3, presence_known=False, leaves_known=False))
    ]


def test_viewers_are_presence_without_leaves():
    told = table("tick,concurrent_viewers", "0,900", "1,890")

    assert [(t.present, t.presence_known, t.leaves_known) for _, t in told] == [
        (900, True, False),
        (890, True, False),
    ]


def test_singular_names_are_read_and_joins_and_leaves_add_up():
    told = table("tick,join,leave,chat,vote,poll_start", "0,3,0,1,2,0", "1,1,2,0,0,1")

    assert [(t.present, t.joins, t.leaves, t.votes) for _, t in told] == [
        (3, 3, 0, 2),
        (2, 1, 2, 0),
    ]


def test_jump_of_the_tick_is_silence_in_between():
    told = table("tick,chat,present", "3,9,20", "6,8,20")

    assert [(n, t.chat, t.present) for n, t in told] == [
        (3, 9, 20),
        (4, 0, 20),
        (5, 0, 20),
        (6, 8, 20),
    ]


def test_without_a_tick_column_rows_are_counted():
    assert [number for number, _ in table("chat", "1", "2", "3")] == [0, 1, 2]


def test_empty_field_is_nothing_and_presence_stays():
    told = table("tick,chat,present", "0,1,20", "1,,")

    assert [(t.chat, t.present) for _, t in told] == [(1, 20), (0, 20)]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["tick,words", "0,1"], "line 1: none of the columns"),
        ([], "line 1: none of the columns"),
        (["tick,chat", "0,many"], "line 2: chat is no number: 'many'"),
        (["tick,chat", "0,1", "1,-2"], "line 3: chat is no count: '-2'"),
        (["tick,chat", "0,1.5"], "line 2: chat is no count"),
        (["tick,chat", "0,inf"], "line 2: chat is no number"),
        (["tick,chat", "5,1", "5,1"], "line 3: tick 5 after tick 5"),
        (["tick,chat", "5,1", "99999999,1"], "line 3: tick 99999999 after tick 5"),
    ],
)
def test_table_that_cannot_be_meant_names_the_line(lines: list[str], told: str):
    with pytest.raises(TableError, match=told):
        table(*lines)
