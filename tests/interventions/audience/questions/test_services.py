import datetime as dt

import pytest
from django_redis import get_redis_connection

from engagement.models import SessionStatus, StreamOffset
from engagement.vocabulary.clock import tick_of
from engagement.vocabulary.errors import ProblemError
from engagement.vocabulary.signal_kinds import SignalKind
from interventions.audience.questions import importing as question_import
from interventions.audience.questions import moderation as question_moderation
from interventions.audience.questions import queries as question_queries
from interventions.audience.questions import services as questions
from interventions.models import ChatBlock, ChatSettings, Question, QuestionStatus
from tests.conftest import NOON
from tests.interventions.audience.chat.rooms import make_line
from tests.support.factories import make_session, make_signal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
T0 = tick_of(NOON.timestamp())
ANN, BEN, CLEO = 11, 12, 13


def asked(session, tick, text, seq=0, actor=ANN):
    make_signal(session, tick, seq, kind=SignalKind.QUESTION, text=text, actor=actor)


def drained(tick):
    StreamOffset.objects.update_or_create(shard=0, defaults={"tick": tick})


def make_question(session, text="Does it scale?", actor=ANN, **fields):
    return Question.objects.create(
        session=session, source=7, seq=Question.objects.count(), actor=actor, text=text,
        asked_at=NOON, **fields,
    )  # fmt: skip


def test_stored_questions_become_rows_once():
    session = make_session()
    asked(session, T0, "Does it scale?", 1)
    asked(session, T0, "Is it open source?", 2, BEN)
    make_signal(session, T0, 3)
    drained(T0)

    made = [question_import.import_new(NOON) for _ in range(2)]

    assert made == [2, 0]
    rows = Question.objects.order_by("seq")
    assert [(row.text, row.actor, row.status) for row in rows] == [
        ("Does it scale?", ANN, "open"), ("Is it open source?", BEN, "open"),
    ]  # fmt: skip


def test_one_person_has_so_many_unanswered_and_is_told_of_the_others():
    session, most = make_session(), question_import.MOST_UNANSWERED
    before = [make_question(session, f"Earlier {n}?") for n in range(most - 2)]
    before += [make_question(session, "Held?", status=QuestionStatus.HELD)]
    make_question(session, "Long answered?", status=QuestionStatus.ANSWERED)
    for n in range(30):
        asked(session, T0, f"And {n}?", 100 + n)
    asked(session, T0, "Is it open source?", 200, BEN)
    for n in range(most + 5):
        asked(session, T0, f"Nobody's {n}?", 300 + n, actor=0)
    drained(T0)

    question_import.import_new(NOON)
    told = {each["text"]: each["status"] for each in question_queries.own(session.pk, ANN)}
    others = {each.text for each in question_queries.listed(session.pk, BEN)}
    questions.set_status(before[0], QuestionStatus.ANSWERED, NOON)
    asked(session, T0 + 1, "And now?", 400)
    drained(T0 + 1)
    question_import.import_new(NOON)
    _forgotten(session)
    question_import.import_new(NOON)

    ours = Question.objects.filter(session=session, actor=ANN)
    assert Question.objects.filter(text__startswith="And ", why="many").count() == 29
    assert told["And 29?"] == "many"
    assert "Is it open source?" in others
    assert len([text for text in others if text.startswith("Nobody's")]) == most + 5
    assert ours.get(text="And now?").status == "open"
    assert ours.filter(status__in=("open", "held")).count() == most
    assert Question.objects.filter(session=session).count() == most + 30 + 1 + most + 5 + 1


def _forgotten(session):
    """Nobody remembers up to where questions were made into rows."""
    get_redis_connection("default").delete(f"questions:{session.pk}")


def test_question_stored_later_is_found_even_if_it_was_received_before():
    session = make_session()
    asked(session, T0, "Does it scale?", 1)
    drained(T0)
    question_import.import_new(NOON)
    make_signal(session, T0, 2, kind=SignalKind.QUESTION, text="And on a phone?", source=8)
    session.signal = None
    drained(T0 + 1)
    # The straggler of a slow process: received in T0, counted in T0 + 1.
    type(make_signal(session, T0, 9)).objects.filter(seq=2).update(tick=T0 + 1)

    assert question_import.import_new(NOON) == 1


def test_nothing_is_made_twice_where_nobody_remembers(valkey):
    session = make_session()
    asked(session, T0, "Does it scale?", 1)
    drained(T0)
    question_import.import_new(NOON)
    valkey.flushall()

    assert question_import.import_new(NOON) == 0
    assert Question.objects.count() == 1


def test_what_somebody_should_look_at_first_is_held():
    session = make_session()
    asked(session, T0, "Call me on +49 170 1234567?", 1)
    drained(T0)

    question_import.import_new(NOON)

    row = Question.objects.get()
    assert (row.status, row.why) == (QuestionStatus.HELD, "personal")
    assert question_queries.top_open(session.pk) is None


def test_last_questions_of_an_ended_session_are_kept():
    session = make_session(status=SessionStatus.ENDED, ended_at=NOON)
    long_over = make_session(status=SessionStatus.ENDED, ended_at=NOON - dt.timedelta(hours=1))
    for each in (session, long_over):
        asked(each, T0, "Where are the slides?", 1)
    drained(T0)

    assert question_import.import_new(NOON + dt.timedelta(seconds=5)) == 1


def test_top_question_is_the_one_most_want_answered():
    session = make_session()
    first, second = make_question(session), make_question(session, "Is it open source?", BEN)
    make_question(make_session(), "Elsewhere?")
    assert question_queries.top_open(session.pk) == first

    assert questions.upvote(session.pk, second.pk, CLEO, NOON) == (1, True)
    assert questions.upvote(session.pk, second.pk, CLEO, NOON) == (1, False)

    assert question_queries.top_open(session.pk) == second
    second.status = QuestionStatus.ANSWERED
    second.save(update_fields=["status"])
    assert question_queries.top_open(session.pk) == first


def test_own_question_is_not_upvoted_but_marked():
    session = make_session()
    question = make_question(session)
    make_question(session, "Is it open source?", BEN)

    assert questions.upvote(session.pk, question.pk, ANN, NOON) == (0, False)

    assert [each.is_mine for each in question_queries.listed(session.pk, ANN)] == [True, False]


def test_question_of_another_session_or_a_closed_one_is_unknown():
    session = make_session()
    elsewhere = make_question(make_session())
    hidden = make_question(session, status=QuestionStatus.HIDDEN)

    for question in (elsewhere, hidden):
        with pytest.raises(ProblemError) as caught:
            questions.upvote(session.pk, question.pk, CLEO, NOON)
        assert caught.value.code == "question_unknown"


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_one_query(count, django_assert_num_queries):
    session = make_session()
    for n in range(count):
        make_question(session, f"Question {n}?", BEN)

    with django_assert_num_queries(1):
        rows = question_queries.listed(session.pk, ANN)

    assert [row.to_json()["mine"] for row in rows] == [False] * count


def test_everything_is_made_into_rows_where_valkey_is_away(settings):
    settings.CACHES = settings.CACHES | {
        "default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}
    }
    session = make_session()
    asked(session, T0, "Does it scale?", 1)
    drained(T0)

    assert [question_import.import_new(NOON) for _ in range(2)] == [1, 0]


@pytest.mark.parametrize(
    ("mode", "status", "why"),
    [
        ("open", "open", ""),
        ("closed", "held", "first"),
        ("first", "held", "first"),
        ("all", "held", "all"),
    ],
)
def test_setting_of_the_chat_holds_for_questions(mode, status, why):
    session = make_session()
    ChatSettings.objects.create(session=session, mode=mode)
    asked(session, T0, "Does it scale?", 1)
    drained(T0)

    question_import.import_new(NOON)

    row = Question.objects.get()
    assert (row.status, row.why) == (status, why)


@pytest.mark.parametrize(
    ("with_platforms", "status", "why"), [(False, "held", "all"), (True, "open", "")]
)
def test_question_of_a_platform_is_shown_at_once_only_where_the_setting_says_so(
    with_platforms, status, why
):
    session = make_session()
    ChatSettings.objects.create(session=session, mode="open", with_platforms=with_platforms)
    asked(session, T0, "Does it scale?", -1)
    drained(T0)

    question_import.import_new(NOON)

    row = Question.objects.get()
    assert (row.status, row.why) == (status, why)


def test_whose_words_others_have_seen_asks_at_once_and_who_is_blocked_is_hidden():
    session = make_session()
    ChatSettings.objects.create(session=session, mode="first")
    make_line(session, "hello", actor=ANN, decided_at=NOON)
    ChatBlock.objects.create(session=session, actor=BEN, blocked_at=NOON)
    asked(session, T0, "Does it scale?", 1, ANN)
    asked(session, T0, "Is it open source?", 2, BEN)
    drained(T0)

    question_import.import_new(NOON)

    rows = Question.objects.order_by("seq").values_list("status", "why")
    assert list(rows) == [("open", ""), ("hidden", "blocked")]


@pytest.mark.parametrize(
    "text",
    [
        "Why List<String> and not an array?", "Does this work with ASP.NET Core?",
        "Which language model do you use?", "I'm sorry, could you repeat the last slide?",
        "How did you get to 12 500 000 users?", "What about the first\nand the second?",
        "می‌خواهم بدانم چرا؟", "Is that 👩‍💻 you?", "What does Peter think about it?",
    ],
)  # fmt: skip
def test_honest_question_is_open_as_it_was_written(text):
    session = make_session()
    asked(session, T0, text, 1)
    drained(T0)

    question_import.import_new(NOON)

    row = Question.objects.get()
    assert (row.status, row.text) == ("open", text)


def test_author_sees_what_became_of_hers_and_first_click_wins():
    session = make_session()
    held, other = (make_question(session, f"x.com/{n}?", status="held", why="link") for n in "ab")
    make_question(session, "y.com/c?", BEN, status="held", why="link")

    question_moderation.show(session.pk, held.pk, by=None, now=NOON)
    question_moderation.refuse(session.pk, other.pk, by=None, now=NOON)
    with pytest.raises(ProblemError) as second:
        question_moderation.refuse(session.pk, held.pk, by=None, now=NOON)

    assert second.value.code == "question_decided"
    assert question_queries.own(session.pk, ANN) == [
        {"id": other.pk, "text": "x.com/b?", "status": "hidden"}
    ]
    assert [row.text for row in question_queries.listed(session.pk, ANN)] == ["x.com/a?"]


def test_showing_a_first_question_shows_the_others_of_hers():
    session = make_session()
    first, second = (make_question(session, f"{n}?", status="held", why="first") for n in "ab")

    question_moderation.show(session.pk, first.pk, by=None, now=NOON)

    second.refresh_from_db()
    assert second.status == QuestionStatus.OPEN


@pytest.mark.parametrize("many", [1, 3])
def test_rooms_in_which_nothing_was_asked_cost_no_query_each(
    valkey, many, django_assert_num_queries
):
    for _ in range(many):
        make_session()
    StreamOffset.objects.create(shard=0, tick=tick_of(NOON.timestamp()) - 1)

    with django_assert_num_queries(4):
        question_import.import_new(NOON)
    with django_assert_num_queries(2):
        question_import.import_new(NOON)
