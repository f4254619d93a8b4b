"""What one room sends keeps no other waiting, and costs no more than its length."""

import re
import sys
import threading

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from engagement.models import StuckRow
from interventions.audience.chat import line_checks
from interventions.audience.chat import lines as chat_lines
from interventions.audience.chat import moderation as chat_moderation
from interventions.audience.chat.rules import price_of, why_held
from interventions.models import ChatBlock, ChatLine, ChatMode, ChatState
from interventions.text_checks.contact import MOST_CHARS
from interventions.text_checks.swearing import finding
from tests.conftest import NOON
from tests.interventions.audience.chat.rooms import ANN, BEN, make_line, moderate, say
from tests.support.factories import make_event, make_organisation, make_session

pytestmark = pytest.mark.django_db
UNITS = {
    "ligature": "\ufdfa", "dots": "a.", "signs": "@", "zalgo": "a\u0301\u0302\u0303", "blanks": "\u00a0",
    "letters": "f u ", "numbers": "1 ", "leet": "sh1t ",
}  # fmt: skip
HOSTILE = {name: unit * (490 // len(unit)) + "x" for name, unit in UNITS.items()}


def read_all(valkey, rounds=1):
    for _ in range(rounds):
        chat_lines.take(0, valkey, NOON)
        chat_lines.read_later(NOON)


def shout(valkey, session, unit, many=120, actor=ANN):
    for n in range(many):
        say(valkey, session, f"{unit}{n:03}", actor)


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("people", [1, 120])
def test_line_of_a_neighbour_is_judged_in_the_same_round(valkey, unit, people):
    loud, quiet = make_session(), make_session(make_event(make_organisation("quiet")))
    for n in range(120):
        say(valkey, loud, f"{unit}{n:03}", 1_000 + n % people)
    say(valkey, quiet, "Could you go back one slide?", BEN)

    chat_lines.take(0, valkey, NOON)

    assert ChatLine.objects.get(session=quiet).state == ChatState.SHOWN
    lines = ChatLine.objects.filter(session=loud)
    read = lines.exclude(why=line_checks.UNREAD)
    share = line_checks.AT_ONCE.person if people == 1 else line_checks.AT_ONCE.session
    assert lines.count() == 120
    assert sum(price_of(each.text) for each in read) <= share


@pytest.mark.parametrize("loud_comes_first", [True, False])
def test_words_of_a_few_are_lines_before_dear_texts_of_another_are_read(
    valkey, monkeypatch, loud_comes_first
):
    loud, quiet = make_session(), make_session(make_event(make_organisation("quiet")))
    says = [
        lambda: shout(valkey, loud, HOSTILE["dots"], 20),
        lambda: say(valkey, quiet, "Could you go back one slide?", BEN),
    ]
    for speak in says if loud_comes_first else reversed(says):
        speak()
    lines_before = []
    before = line_checks.held_for

    def held_for(text, *given):
        lines_before.append((text[0], ChatLine.objects.count()))
        return before(text, *given)

    monkeypatch.setattr(line_checks, "held_for", held_for)

    chat_lines.take(0, valkey, NOON)

    assert lines_before[0] == ("C", 0)
    assert set(lines_before[1:]) == {("a", 1)}


def test_what_was_over_the_share_is_read_in_later_rounds_as_it_would_have_been(valkey):
    session = make_session()
    shout(valkey, session, "a good question, is it not " * 10, 30)
    say(valkey, session, "see https://spam.example " * 15, ANN)

    read_all(valkey, 20)

    states = [(e.state, e.why) for e in ChatLine.objects.order_by("pk")]
    assert states == [(ChatState.SHOWN, "")] * 30 + [(ChatState.WAITING, "link")]
    assert all(e.is_news for e in ChatLine.objects.all())


def test_nobody_who_writes_one_line_waits_for_one_who_writes_a_hundred(valkey):
    session = make_session()
    shout(valkey, session, HOSTILE["ligature"])
    for who in range(20, 40):
        say(valkey, session, "Thank you", who)

    chat_lines.take(0, valkey, NOON)

    assert ChatLine.objects.filter(text="Thank you", state=ChatState.SHOWN).count() == 20


def test_moderator_may_decide_on_what_is_unread_and_it_stays_so(valkey):
    session = make_session()
    shout(valkey, session, HOSTILE["dots"], 40)
    chat_lines.take(0, valkey, NOON)
    first, second = ChatLine.objects.filter(why=line_checks.UNREAD)[:2]
    chat_moderation.hide(session.pk, first.pk, was="waiting", by=None, now=NOON)
    chat_moderation.block(session.pk, second.pk, by=None, now=NOON)

    read_all(valkey, 20)

    assert set(ChatLine.objects.values_list("state", flat=True)) == {"hidden"}


def test_what_is_unread_when_the_chat_is_closed_is_shown_by_nobody(valkey):
    session = make_session()
    make_line(session, "hm", state=ChatState.WAITING, why=line_checks.UNREAD)
    moderate(session, ChatMode.CLOSED)

    read_all(valkey)

    assert ChatLine.objects.get().state == ChatState.WAITING


def test_blocked_person_is_not_even_read(valkey):
    session = make_session()
    ChatBlock.objects.create(session=session, actor=ANN, blocked_at=NOON)
    shout(valkey, session, HOSTILE["ligature"])

    chat_lines.take(0, valkey, NOON)

    assert set(ChatLine.objects.values_list("state", "why")) == {("hidden", "blocked")}


def test_text_on_which_the_rules_fail_is_a_moderators_and_the_others_are_judged(
    valkey, monkeypatch
):
    session = make_session()
    before = finding.swears

    def swears(text, language):
        if "boom" in text:
            raise RecursionError
        return before(text, language)

    monkeypatch.setattr("interventions.text_checks.text_gate.swears", swears)
    say(valkey, session, "boom", BEN)
    say(valkey, session, "hello", ANN)

    read_all(valkey)

    assert set(ChatLine.objects.values_list("text", "state", "why")) == {
        ("boom", "waiting", "unclear"), ("hello", "shown", ""),
    }  # fmt: skip


def test_session_that_cannot_be_kept_loses_nothing_and_holds_up_no_other(valkey, monkeypatch):
    broken, fine = make_session(), make_session(make_event(make_organisation("fine")))
    before = chat_lines._known

    def known(said):
        if said[0].said.session_id == broken.pk:
            raise ValueError
        return before(said)

    with monkeypatch.context() as patched:
        patched.setattr(chat_lines, "_known", known)
        say(valkey, broken, "one", ANN)
        say(valkey, fine, "two", ANN)
        read_all(valkey)
    stuck = set(StuckRow.objects.values_list("stage", "row"))
    held = set(ChatLine.objects.values_list("text", "state", "why"))
    StuckRow.objects.all().delete()
    read_all(valkey)

    assert stuck == {("chat", broken.pk), ("chat-read", broken.pk)}
    assert held == {("one", "waiting", "unread"), ("two", "shown", "")}
    assert set(ChatLine.objects.values_list("state", flat=True)) == {"shown"}


@pytest.mark.django_db(transaction=True)
def test_moderator_of_one_session_does_not_wait_for_another(valkey):
    one, other = make_session(), make_session(make_event(make_organisation("other")))
    line = make_line(other, "hm", state=ChatState.WAITING, why="all")
    holds, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            chat_lines.lock(one.pk)
            holds.set()
            done.wait(30)
        connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    assert holds.wait(30)
    with connection.cursor() as cursor:
        cursor.execute("set lock_timeout = '5s'")
    try:
        chat_moderation.show(other.pk, line.pk, was="waiting", by=None, now=NOON)
    finally:
        done.set()
        thread.join(30)

    assert ChatLine.objects.get(pk=line.pk).state == ChatState.SHOWN


def test_no_text_is_read_inside_a_transaction(valkey, monkeypatch):
    session = make_session()
    depth = []
    outer = len(connection.savepoint_ids)
    monkeypatch.setattr(
        "interventions.audience.chat.line_checks.held_for",
        lambda *_: depth.append(len(connection.savepoint_ids) - outer) or "",
    )
    say(valkey, session, "hello")
    make_line(session, "later", actor=BEN, state=ChatState.WAITING, why=line_checks.UNREAD)

    read_all(valkey)

    assert depth == [0, 0]


@pytest.mark.parametrize("many", [1, 3])
def test_lines_of_one_session_need_the_same_questions_to_the_database(valkey, many):
    session = make_session()
    for n in range(many):
        say(valkey, session, f"line {n}", 100 + n)
    chat_lines.take(0, valkey, NOON)
    for n in range(many):
        say(valkey, session, f"again {n}", 200 + n)

    with CaptureQueriesContext(connection) as seen:
        chat_lines.take(0, valkey, NOON)

    assert len(seen) == 15


# --- growth


class Steps:
    """Counts what the matchers do: functions called, patterns tried, characters handed to a pattern."""

    def __init__(self, monkeypatch):
        self.characters = 0
        for name in (
            "interventions.text_checks.contact",
            "interventions.text_checks.disguises",
            "interventions.text_checks.language_check",
        ):
            module = __import__(name, fromlist=["x"])
            for key, value in vars(module).copy().items():
                if isinstance(value, re.Pattern):
                    monkeypatch.setattr(module, key, _Counted(value, self))


class _Counted:
    def __init__(self, pattern, steps):
        self._pattern, self._steps = pattern, steps

    def __getattr__(self, name):
        method = getattr(self._pattern, name)
        if not callable(method):
            return method

        def counted(*args, **named):
            self._steps.characters += sum(len(a) for a in args if isinstance(a, str))
            return method(*args, **named)

        return counted


def calls_of(text, monkeypatch):
    why_held.cache_clear()
    count = 0

    def tell(_frame, event, _arg):
        nonlocal count
        count += event in ("call", "c_call")

    with monkeypatch.context() as patched:
        steps = Steps(patched)
        sys.setprofile(tell)
        try:
            why_held.__wrapped__(text, "en", ())
        finally:
            sys.setprofile(None)
    return count + steps.characters


@pytest.mark.parametrize("unit", [*UNITS.values(), "(dot) ", "AB12 ", "a at b dot ", "+1-", "xn-"])
def test_work_on_a_text_grows_with_its_length_and_no_faster(unit, monkeypatch):
    texts = [unit * (length // len(unit)) for length in (400, 800, 1_600)]
    # Words that were seen before are known: the second look counts.
    one, two, four = [[calls_of(text, monkeypatch) for _ in range(2)][1] for text in texts]

    assert two <= 2.6 * one
    assert four <= 2.6 * two


def test_text_that_grows_when_it_is_unified_costs_no_more_than_the_cap():
    assert price_of("\ufdfa" * 500) <= MOST_CHARS + 100
    assert price_of("\ufdfa" * 10) > price_of("a" * 100)
