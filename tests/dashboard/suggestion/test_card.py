import datetime as dt

import pytest

from dashboard.suggestion.card import (
    Face,
    Running,
    card_of,
    form_of,
    gate_of,
    odds_of,
    preview_of,
)
from dashboard.suggestion.progress import bars_of, progress_of
from dashboard.wording.agent import consequence
from engagement.models import Session
from interventions.kinds.registry import acts
from interventions.models import Intervention
from interventions.vocabulary.statuses import Status
from interventions.vocabulary.stored_decision import Decision
from tests.conftest import NOON
from tests.dashboard.agent_rooms import GATE, WORDS, decision
from tests.support.factories import User

SECOND = dt.timedelta(seconds=1)
MARA = User(pk=1, username="mara", first_name="Mara", last_name="Reyes")
JON = User(pk=2, username="jon")


def row(status="waiting", **fields):
    values = {
        "pk": 7,
        "session": Session(pk=1),
        "status": status,
        "kind": "POLL",
        "content": WORDS,
        "decision": decision(),
        "gate": GATE,
        "author": "claude-sonnet-4-5",
        "writing_ms": 1840,
        "created_at": NOON - 50 * SECOND,
        "moved_at": NOON - 48 * SECOND,
        "expires_at": NOON + 72 * SECOND,
        "version": 5,
    }
    return Intervention(**{**values, **fields})


def card(intervention, now=NOON, reader=1):
    return card_of(intervention, now, reader=reader, line=0.75, people=244)


@pytest.mark.parametrize(
    ("status", "face"),
    [
        (Status.PERCEIVED, Face.GENERATING),
        (Status.SELECTED, Face.GENERATING),
        (Status.WAITING, Face.READY),
        (Status.COUNTDOWN, Face.COUNTDOWN),
        (Status.APPROVED, Face.GOING_OUT),
        (Status.SENDING, Face.GOING_OUT),
        (Status.DELIVERED, Face.MEASURING),
        (Status.HELD_OUT, Face.HELD_OUT),
        (Status.EXPIRED, Face.EXPIRED),
        (Status.DISMISSED, Face.DISMISSED),
        (Status.STOPPED, Face.STOPPED),
        (Status.FAILED, Face.FAILED),
    ],
)
def test_every_status_that_is_somebodys_business_has_a_face(status, face):
    assert card(row(status)).face is face


@pytest.mark.parametrize(
    "status", [Status.REFUSED, Status.LEFT_ALONE, Status.LEARNED, Status.NOT_MEASURED]
)
def test_what_is_over_or_never_began_leaves_the_slot_calm(status):
    assert card(row(status)) is None


def test_waiting_card_counts_down_by_the_servers_clock():
    running = card(row()).running

    assert (running.clock, running.seconds, running.total) == ("1:12", 72, 120)
    assert running.ends == round((NOON + 72 * SECOND).timestamp() * 1000)


@pytest.mark.parametrize(
    ("left", "clock"),
    [(72.0, "1:12"), (71.2, "1:12"), (0.2, "0:01"), (0.0, "0:00"), (600, "10:00")],
)
def test_clock_is_rounded_up_so_that_nothing_left_means_over(left, clock):
    assert Running(left, 120, None).clock == clock


def test_what_is_closed_counts_down_to_nothing():
    times = {
        "acted_at": NOON - 70 * SECOND,
        "closes_at": NOON - 10 * SECOND,
        "acts_at": NOON - 70 * SECOND,
    }

    assert card(row("delivered", **times)).running is None
    assert card(row("delivered", **times, closed_at=NOON)).running is None
    assert card(row("delivered", **times), now=NOON - 20 * SECOND).running.clock == "0:10"


def test_editor_sees_her_form_and_another_who_is_editing():
    edited = row(editor=MARA, editing_until=NOON + 60 * SECOND, seconds_left=72.0)

    mine, theirs = card(edited, reader=1), card(edited, reader=2)

    assert (mine.face, mine.running.clock, mine.running.ends) == (Face.EDITING, "1:12", None)
    assert (theirs.face, theirs.person.name) == (Face.BEING_EDITED, "Mara Reyes")


def test_lease_that_ran_out_gives_the_words_back():
    edited = row(editor=MARA, editing_until=NOON - SECOND, seconds_left=72.0)

    assert card(edited).face is Face.READY


def test_approved_can_be_undone_until_it_acts():
    approved = row(
        "approved",
        acts_at=NOON + 4 * SECOND,
        approved_by=MARA,
        approved_as="Mara Reyes",
        approved_at=NOON,
    )

    assert card(approved).face is Face.UNDO
    assert card(approved, now=NOON + 5 * SECOND).face is Face.GOING_OUT


def test_other_organizer_is_told_who_was_faster_and_only_while_it_is_news():
    approved = row(
        "approved",
        acts_at=NOON + 4 * SECOND,
        approved_by=MARA,
        approved_as="Mara Reyes",
        approved_at=NOON,
    )

    theirs = card(approved, now=NOON + 2 * SECOND, reader=2)
    later = card(approved, now=NOON + 60 * SECOND, reader=2)

    assert (theirs.is_news, theirs.person.name, theirs.person.seconds_ago) == (
        True,
        "Mara Reyes",
        2,
    )
    assert not card(approved, reader=1).is_news
    assert not later.is_news


def test_minute_more_is_offered_ten_times():
    assert card(row(extensions=9)).may_extend
    assert not card(row(extensions=10)).may_extend


def test_held_countdown_is_told_from_a_suggestion_that_asked_from_the_start():
    held = row(gate={"step": "count_down", "code": "auto_mode", "params": {}})

    assert card(held).was_held
    assert not card(row()).was_held


@pytest.mark.parametrize(
    ("requester", "reader", "code", "params"),
    [
        (MARA, 1, "asked_for", {}),
        (MARA, 2, "asked_by", {"who": "Mara Reyes"}),
        (MARA, None, "asked_by", {"who": "Mara Reyes"}),
        (None, 2, "asked_elsewhere", {}),
        (None, None, "asked_elsewhere", {}),
    ],
)
def test_only_who_asked_is_told_that_she_did(requester, reader, code, params):
    asked = row(requester=requester, gate={"step": "ask", "code": "asked_for", "params": {}})

    shown = gate_of(asked, reader)

    assert (shown["code"], shown["params"]) == (code, params)
    assert consequence(shown)
    assert ("You asked" in consequence(shown)) is (code == "asked_for")
    assert ("Mara Reyes" in consequence(shown)) is (code == "asked_by")


def test_confidence_is_floored_so_that_it_never_seems_to_reach_the_line():
    odds = odds_of(Decision.of(decision(confidence=0.7499)), "POLL", 0.75)

    assert (odds.percent, odds.line, odds.low, odds.high) == (74, 75, 8, 17)


def test_odds_of_a_kind_nothing_is_known_of_are_left_out():
    assert odds_of(Decision(), "POLL", 0.75) is None
    assert odds_of(Decision.of(decision()), "SPOKEN", 0.75) is None


@pytest.mark.parametrize(
    "stored", [None, {}, {"kind": "POLL"}, {"kind": "DANCE", "text": "x"}, "x"]
)
def test_preview_of_nothing_or_of_another_version_is_nothing(stored):
    assert preview_of(stored) is None


def test_author_has_a_name_for_people():
    model, template = card(row()).author, card(row(author="template", author_reason="off")).author

    assert (model.name, model.seconds, model.is_template) == ("Sonnet 4.5", 1.8, False)
    assert (template.name, template.is_template, template.reason) == ("", True, "off")
    assert card(row(original=WORDS)).author.is_edited


def test_bars_share_the_votes_and_keep_the_order():
    bars = bars_of(preview_of(WORDS), [20, 64, 28])

    assert [(bar.count, bar.percent) for bar in bars] == [(20, 18), (64, 57), (28, 25)]
    assert [bar.percent for bar in bars_of(preview_of(WORDS), [0, 0, 0])] == [0, 0, 0]


def test_progress_compares_the_score_when_sent_with_the_score_now():
    sent = row("delivered", acted_at=NOON - 60 * SECOND, due_at=NOON + 240 * SECOND)
    scores = [(NOON - 65 * SECOND, 41), (NOON - 60 * SECOND, 42), (NOON - 5 * SECOND, 49)]

    progress = progress_of(sent, scores, NOON)

    assert (progress.done, progress.total, progress.percent) == (60, 300, "20.0")
    assert (progress.change.before, progress.change.after, progress.change.points) == (42, 49, 7)


def test_progress_without_a_score_does_not_guess():
    sent = row("held_out", acted_at=NOON, due_at=NOON + 300 * SECOND)

    progress = progress_of(sent, [], NOON)

    assert (progress.change, progress.done) == (None, 0)
    assert progress_of(row(), [], NOON) is None


@pytest.mark.parametrize("kind", acts())
def test_form_knows_the_limits_of_every_kind(kind):
    shape = form_of(kind.value)

    assert shape["text"] > 0
    assert shape["least"] <= shape["most"]
