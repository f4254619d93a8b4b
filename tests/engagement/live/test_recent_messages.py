"""A ring forgets what later messages take back, and nothing else."""

import msgspec

from engagement.live import frames
from engagement.live.recent_messages import Ring


def line(pk, text="Good point"):
    return {"id": pk, "by": "a", "name": "", "text": text, "at": pk, "age": 0}


def news(name, pks, gone=(), left_out=0):
    lines = [line(pk) for pk in pks]
    return frames.text("chat", name=name, lines=lines, left_out=left_out, gone=list(gone))


def opened(pk, quote):
    return frames.text("interaction", id=pk, quote=quote)


def heard(*texts):
    """What somebody is told who asks for all of it only now, and where the ring is then."""
    ring = Ring()
    began = ring.position
    for text in texts:
        ring.push({"text": text})
    return [msgspec.json.decode(each) for each in ring.since(began) or []]


def ids(told):
    return [[each["id"] for each in frame["lines"]] for frame in told]


def test_lines_that_are_gone_are_told_to_nobody_who_asks_late():
    told = heard(news("1", [1, 2]), news("2", [3], left_out=4), news("3", [4], gone=[2, 3]))

    assert ids(told) == [[1], [], [4]]
    assert [frame["left_out"] for frame in told] == [0, 0, 0]
    assert told[2]["gone"] == [2, 3]


def test_all_that_is_shown_now_takes_what_was_before():
    whole = frames.text("chat", name="all", mode="open", lines=[line(2)])

    told = heard(news("1", [1, 2]), whole, news("2", [3]))

    assert ids(told) == [[], [2], [3]]


def test_other_words_take_the_place_of_those_that_were_told():
    told = heard(opened(7, "Who is it?"), opened(8, "And this?"), opened(7, "[no longer shown]"))

    assert [(each["id"], each["quote"]) for each in told] == [
        (7, "[no longer shown]"), (8, "And this?"), (7, "[no longer shown]"),
    ]  # fmt: skip


def test_what_takes_nothing_back_leaves_all_as_it_was():
    said = [news("1", [1]), frames.text("event", name="chat"), opened(7, "Who?"), news("2", [2])]

    assert [msgspec.json.encode(each).decode() for each in heard(*said)] == said
