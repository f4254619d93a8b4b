"""A row on which the work fails is put off, and nobody else is."""

import datetime as dt

import pytest

from engagement.limits import isolated_rows as limits_run_each
from engagement.limits.isolated_rows import in_turns_of, run_each
from engagement.models import Session, StuckRow
from engagement.vocabulary.errors import Category, ProblemError
from tests.conftest import NOON
from tests.support.factories import make_event, make_organisation, make_session

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)


class BrokenError(Exception):
    """Words of a person that nobody may log."""


def fails_on(bad):
    def work(row):
        row.title = "done"
        row.save()
        if row == bad:
            raise BrokenError("her words")
        return row.pk

    return work


def test_row_that_fails_is_undone_and_noted_and_the_others_are_done(caplog):
    rows = [make_session() for _ in range(3)]

    ran = run_each("try", rows, fails_on(rows[1]), NOON)

    assert (ran.done, ran.left) == ([rows[0].pk, rows[2].pk], [rows[1]])
    assert Session.objects.filter(title="done").count() == 2
    stuck = StuckRow.objects.get()
    assert (stuck.stage, stuck.row, stuck.tries) == ("try", rows[1].pk, 1)
    assert stuck.error.startswith("BrokenError test_isolated_rows.py:")
    assert "her words" not in stuck.error
    assert f"try of {rows[1].pk} failed" in caplog.text


def test_it_is_tried_again_later_and_later_and_forgotten_once_done():
    bad = make_session()
    tried = []

    def work(row):
        tried.append(clock)
        raise BrokenError

    for seconds in range(9):
        clock = seconds
        run_each("try", [bad], work, NOON + seconds * SECOND)
    later = NOON + dt.timedelta(hours=1)
    run_each("try", [bad], lambda row: row.pk, later)

    assert tried == [0, 1, 3, 7]
    assert not StuckRow.objects.exists()


def test_pause_grows_to_five_minutes():
    assert [limits_run_each.pause(n).total_seconds() for n in (1, 2, 3, 9, 10, 10**6)] == [
        1, 2, 4, 256, 300, 300,
    ]  # fmt: skip


def test_who_was_faster_is_no_fault():
    def work(_row):
        raise ProblemError(Category.CONFLICT, "changed_meanwhile", "Somebody else did.")

    ran = run_each("try", [make_session()], work, NOON)

    assert (ran.done, ran.left, StuckRow.objects.count()) == ([], [], 0)


def test_database_error_of_one_row_leaves_the_next_one_whole():
    first, second = make_session(external_id="taken"), make_session()

    def work(row):
        if row == first:
            Session.objects.create(event=first.event, title="x", code=first.code)
        return row.pk

    assert run_each("try", [first, second], work, NOON).done == [second.pk]


def test_owners_take_turns_and_what_is_put_off_takes_none():
    loud = make_event(make_organisation("loud"))
    rows = [make_session(loud) for _ in range(5)]
    quiet = make_session(make_event(make_organisation("quiet")))
    limits_run_each.Stuck("try", NOON).put_off(rows[0].pk, BrokenError())

    due = in_turns_of(
        Session.objects.order_by("pk"), "try", NOON, of="event__organisation_id", most=3
    )

    assert list(due) == [rows[1], quiet, rows[2]]


@pytest.mark.parametrize("many", [1, 3])
def test_many_rows_need_one_look_at_what_is_stuck(django_assert_num_queries, many):
    rows = [make_session() for _ in range(many)]

    with django_assert_num_queries(1):
        run_each("try", rows, lambda row: None, NOON, whole=False)


def test_what_was_not_tried_for_a_day_is_forgotten():
    for row, at in ((1, NOON - dt.timedelta(days=2)), (2, NOON)):
        limits_run_each.Stuck("try", at).put_off(row, BrokenError())

    assert limits_run_each.forget(NOON) == 1
    assert StuckRow.objects.get().row == 2


def test_every_step_is_done_whichever_fails():
    done = []

    def step(name):
        done.append(name)
        if name == "b":
            raise BrokenError
        return len(done)

    with pytest.raises(BrokenError):
        limits_run_each.each_step([lambda name=name: step(name) for name in "abc"])

    assert done == ["a", "b", "c"]
    assert limits_run_each.each_step([lambda: 1, lambda: 2]) == [1, 2]


def test_trying_notes_what_failed_and_forgets_it_when_done():
    stuck = limits_run_each.Stuck("try", NOON)
    with stuck.trying(7):
        raise BrokenError
    with stuck.trying(8):
        pass

    assert list(StuckRow.objects.values_list("row", flat=True)) == [7]
    with limits_run_each.Stuck("try", NOON).trying(7):
        pass
    assert not StuckRow.objects.exists()
