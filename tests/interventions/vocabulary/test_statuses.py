"""The table is a sound graph, and its drawing is the table."""

import pytest

from interventions.vocabulary.statuses import (
    FINAL,
    MOVES,
    OPEN,
    By,
    Node,
    Status,
    find,
    mermaid,
    moves_from,
    stage_of,
)


def reachable(start: Status | None) -> set[Status]:
    found: set[Status] = set()
    waiting = [move.after for move in moves_from(start)]
    while waiting:
        status = waiting.pop()
        if status not in found:
            found.add(status)
            waiting += [move.after for move in moves_from(status)]
    return found


def test_every_status_can_be_reached():
    assert reachable(None) == set(Status)


@pytest.mark.parametrize("status", sorted(OPEN))
def test_every_open_status_can_end_without_a_person(status):
    seen, waiting = set(), [status]
    while waiting:
        here = waiting.pop()
        seen.add(here)
        waiting += [
            m.after for m in moves_from(here) if m.by is not By.PERSON and m.after not in seen
        ]

    assert seen & FINAL


def test_no_arrow_stands_twice():
    arrows = [(move.before, move.after, move.by) for move in MOVES]

    assert len(arrows) == len(set(arrows))


def test_nothing_follows_an_end():
    assert {
        Status.REFUSED,
        Status.DISMISSED,
        Status.EXPIRED,
        Status.STOPPED,
        Status.FAILED,
        Status.LEARNED,
        Status.NOT_MEASURED,
    } == FINAL
    assert all(stage_of(status) is None for status in FINAL)


def test_only_approved_words_are_sent():
    assert {move.before for move in MOVES if move.after is Status.SENDING} == {Status.APPROVED}
    assert find(Status.WAITING, Status.APPROVED, By.CLOCK) is None
    assert find(Status.WAITING, Status.APPROVED, By.AGENT) is None


def test_coin_is_tossed_after_approval():
    assert {move.before for move in MOVES if move.after is Status.HELD_OUT} == {Status.APPROVED}


def test_what_was_sent_cannot_be_stopped_or_sent_again():
    assert reachable(Status.DELIVERED) == {Status.LEARNED, Status.NOT_MEASURED}
    assert find(Status.SENDING, Status.STOPPED, By.PERSON) is None


def test_all_stages_work_in_their_order():
    first = dict.fromkeys(move.node for move in MOVES)

    assert set(first) == set(Node)
    assert stage_of(Status.PERCEIVED) is Node.ASSESS
    assert stage_of(Status.SELECTED) is Node.WRITE
    assert stage_of(Status.APPROVED) is Node.ACT
    assert stage_of(Status.HELD_OUT) is Node.LEARN


def test_drawing_has_exactly_the_arrows_of_the_table():
    lines = mermaid().splitlines()

    drawn = [line.strip() for line in lines if "-->" in line and not line.endswith("[*]")]
    assert lines[0] == "stateDiagram-v2"
    assert len(drawn) == len(MOVES)
    assert "[*] --> perceived: perceive, anomaly" in drawn
    assert "approved --> held_out: act, coin" in drawn


def test_drawing_marks_where_an_intervention_stands():
    assert mermaid(Status.WAITING).endswith("    class waiting current\n")
    assert "class " not in mermaid()
