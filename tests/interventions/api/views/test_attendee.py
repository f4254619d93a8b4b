"""What people in the room answer, over HTTP, with their token and nothing else."""

import asyncio
import datetime as dt
import json
import time

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from django.utils import timezone

from engagement.doors.connected.present import HERE_SECONDS, Here
from engagement.doors.web_process import web as shared_web
from engagement.models import SessionStatus
from engagement.sessions import attendee_tokens
from engagement.vocabulary.signal_kinds import SignalKind
from interventions.api.views import attendee
from interventions.kinds import Kind
from interventions.models import PollVote, Question
from interventions.vocabulary.statuses import Status
from tests.interventions.audience.chat.rooms import make_line
from tests.interventions.audience.rooms import OPTIONS, make_sent
from tests.support.factories import make_session
from tests.support.log import logged
from tests.support.sockets import actor_named, attendee_path, opened, until

pytestmark = pytest.mark.django_db(transaction=True)
ANN = 4242


@pytest.fixture(autouse=True)
def _fresh_pace():
    attendee._buckets.clear()


@sync_to_async
def room(kind=Kind.POLL, **fields):
    session = make_session(**fields.pop("session", {}))
    return session, make_sent(session, kind, at=timezone.now(), **fields)


def token(session, actor=ANN, counts=True):
    return attendee_tokens.issue(attendee_tokens.Pass(session.pk, actor, counts))


async def ask(method, path, given, body=None):
    headers = {"Authorization": f"Bearer {given}"} if given else {}
    client = AsyncClient(enforce_csrf_checks=True)
    answer = await client.generic(
        method,
        f"/api/v1/attend/{path}",
        json.dumps(body) if isinstance(body, dict) else body or "",
        content_type="application/json",
        headers=headers,
    )
    return answer, json.loads(answer.content)


async def be_here(session, actor=ANN):
    shared = shared_web()
    hall = await shared.sessions.known(session.pk)
    if not shared.attendance.lines(hall, actor):
        shared.attendance.enter(hall, actor)


async def vote(session, poll, option, given=None):
    """As a page does: somebody with a line to the session votes."""
    given = given or token(session)
    await be_here(session, attendee_tokens.read(given, session.pk).actor)
    return await vote_by_token(session, poll, option, given)


async def vote_by_token(session, poll, option, given):
    path = f"{session.pk}/interventions/{poll.pk}/vote/"
    return await ask("POST", path, given, {"option": option})


async def votes():
    return await sync_to_async(
        lambda: list(PollVote.objects.values_list("actor", "option").order_by("actor"))
    )()


async def test_vote_is_stored_counted_and_heard(web, valkey):
    session, poll = await room()

    answer, said = await vote(session, poll, 1)

    assert (answer.status_code, said) == (
        200, {"id": poll.pk, "mine": 1, "counts": [0, 1, 0], "people": 1},
    )  # fmt: skip
    assert answer["Cache-Control"] == "no-store"
    assert await votes() == [(ANN, 1)]
    (signal,) = logged(valkey)
    assert (signal.kind, signal.actor, signal.text) == (SignalKind.VOTE, ANN, f"iv-{poll.pk}:1")


async def test_vote_sent_again_is_one_vote_and_one_signal(web, valkey):
    session, poll = await room()

    for _ in range(3):
        await vote(session, poll, 1)

    assert await votes() == [(ANN, 1)]
    assert len({(each.source, each.seq) for each in logged(valkey)}) == 1


async def test_sixty_four_votes_of_one_moment_are_all_counted(web, valkey, settings):
    session, poll = await room()
    people = range(1000, 1064)

    answers = await asyncio.gather(
        *(vote(session, poll, actor % 3, token(session, actor)) for actor in people)
    )

    assert [answer.status_code for answer, _ in answers] == [200] * 64
    assert await votes() == [(actor, actor % 3) for actor in people]
    assert sum((await vote(session, poll, 0, token(session, 1000)))[1]["counts"]) == 64


async def test_two_tabs_of_one_person_are_one_vote(web, valkey):
    session, poll = await room()

    answers = await asyncio.gather(*(vote(session, poll, number % 3) for number in range(6)))

    assert {answer.status_code for answer, _ in answers} == {200}
    [(actor, option)] = await votes()
    assert (actor, option in {0, 1, 2}) == (ANN, True)


async def test_tokens_alone_do_not_vote(web, valkey):
    session, poll = await room()

    answers = [
        await vote_by_token(session, poll, 1, token(session, actor)) for actor in range(1, 21)
    ]

    assert {(a.status_code, said["error"]["code"]) for a, said in answers} == {(409, "not_present")}
    assert {a["Retry-After"] for a, _ in answers} == {"2"}
    assert await votes() == []
    assert logged(valkey) == []


async def test_socket_is_presence_and_for_a_while_after_it_ended(web, valkey):
    session, poll = await room()
    given = token(session, actor_named(session))

    async with opened(attendee_path(session)) as line:
        await line.hear()
        during, _ = await vote_by_token(session, poll, 1, given)
        await until(lambda: valkey.zcard(f"here:{session.pk}"))
    broken_off, _ = await vote_by_token(session, poll, 2, given)
    valkey.zadd(f"here:{session.pk}", {str(actor_named(session)): time.time() - HERE_SECONDS - 1})
    gone, _ = await vote_by_token(session, poll, 0, given)

    assert [a.status_code for a in (during, broken_off, gone)] == [200, 200, 409]
    assert await votes() == [(actor_named(session), 2)]


async def test_line_to_another_web_process_is_presence(web, valkey):
    session, poll = await room()
    elsewhere = Here(web.hub.client)
    await elsewhere.report_present({session.pk: range(1, 2_501)}, time.time())

    here, _ = await vote_by_token(session, poll, 1, token(session, 2_500))
    not_here, _ = await vote_by_token(session, poll, 1, token(session, 2_501))

    assert (here.status_code, not_here.status_code) == (200, 409)


async def test_upvote_needs_presence(web, valkey):
    session, _ = await room()
    question = await sync_to_async(Question.objects.create)(
        session=session, source=7, seq=1, actor=1, text="Does it scale?", asked_at=timezone.now()
    )
    path = f"{session.pk}/questions/{question.pk}/upvote/"

    refused, said = await ask("POST", path, token(session))
    await be_here(session)
    taken, _ = await ask("POST", path, token(session))

    assert (refused.status_code, said["error"]["code"]) == (409, "not_present")
    assert taken.status_code == 200


async def test_changed_vote_counts_as_changed(web, valkey):
    session, poll = await room()
    await vote(session, poll, 1)

    _, said = await vote(session, poll, 2)

    assert said["counts"] == [0, 0, 1]
    assert len({each.seq for each in logged(valkey)}) == 2


async def test_who_opted_out_votes_and_is_not_heard(web, valkey):
    session, poll = await room()

    answer, _ = await vote(session, poll, 1, token(session, counts=False))

    assert answer.status_code == 200
    assert await votes() == [(ANN, 1)]
    assert logged(valkey) == []


async def test_team_is_joined_by_a_mark_and_not_by_a_vote(web, valkey):
    session, game = await room(Kind.GAMIFICATION, options=("Left", "Right"))

    await vote(session, game, 0)

    (signal,) = logged(valkey)
    assert (signal.kind, signal.text) == (SignalKind.PROMPT, f"join:{game.pk}:0")


async def test_vote_is_kept_while_the_log_is_away_and_may_be_sent_again(web, valkey):
    session, poll = await room()
    there = web.intake._client
    web.intake._client = type(there).from_url("redis://127.0.0.1:1/0")

    answer, said = await vote(session, poll, 1)

    assert (answer.status_code, said["error"]["code"]) == (503, "log_away")
    assert int(answer["Retry-After"]) > 0
    assert await votes() == [(ANN, 1)]
    await web.intake._client.aclose()
    web.intake._client = there


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"option": 3}, 400, "no_such_option"),
        ({"option": -1}, 400, "no_such_option"),
        ({"option": 9}, 400, "no_such_option"),
        ({"option": "1"}, 400, "malformed"),
        ({"option": 1.5}, 400, "malformed"),
        ({"option": True}, 400, "malformed"),
        ({}, 400, "malformed"),
        ("[]", 400, "malformed"),
        ("\ud800".encode("utf-8", "surrogatepass"), 400, "not_text"),
        ('{"option": 1e999}', 400, "bad_number"),
        ('{"option": 1, "option": 0}', 400, "duplicate_key"),
    ],
)
async def test_vote_that_cannot_be_meant_is_named(web, body, status, code):
    session, poll = await room()
    await be_here(session)

    answer, said = await ask(
        "POST", f"{session.pk}/interventions/{poll.pk}/vote/", token(session), body
    )

    assert (answer.status_code, said["error"]["code"]) == (status, code)
    assert said["error"]["request_id"] == answer["X-Request-ID"]


async def test_vote_after_the_end_and_in_what_was_not_sent_is_refused(web):
    session, poll = await room(closes_at=timezone.now() - dt.timedelta(seconds=1))
    _, waiting = await room(status=Status.WAITING)

    late, said = await vote(session, poll, 1)
    unknown, _ = await vote(session, waiting, 1)

    assert (late.status_code, said["error"]["code"]) == (409, "poll_closed")
    assert unknown.status_code == 404


async def test_poll_of_another_session_is_unknown(web):
    _, poll = await room()
    other, _ = await room()

    answer, said = await vote(other, poll, 1)

    assert (answer.status_code, said["error"]["code"]) == (404, "intervention_unknown")
    assert await votes() == []


@pytest.mark.parametrize(
    ("given", "code"),
    [("", "token_missing"), ("nonsense", "token_invalid"), ("other", "token_other_session")],
)
async def test_without_a_token_of_the_session_nobody_votes(web, given, code):
    session, poll = await room()
    other, _ = await room()

    answer, said = await ask(
        "POST",
        f"{session.pk}/interventions/{poll.pk}/vote/",
        token(other) if given == "other" else given,
        {"option": 1},
    )

    assert (answer.status_code, said["error"]["code"]) == (401, code)
    assert answer["WWW-Authenticate"] == "Bearer"


async def test_wrong_method_is_named(web):
    session, poll = await room()

    answer, said = await ask("GET", f"{session.pk}/interventions/{poll.pk}/vote/", token(session))

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert said["error"]["code"] == "method_not_allowed"


async def test_somebody_who_clicks_without_end_is_slowed_down_alone(web, settings):
    settings.API_PER_MINUTE = 5
    session, poll = await room()

    statuses = [(await vote(session, poll, n % 3))[0].status_code for n in range(6)]
    other, _ = await vote(session, poll, 1, token(session, actor=7))

    assert statuses == [200] * 5 + [429]
    assert other.status_code == 200


async def test_pace_of_few_people_is_remembered_at_once(web, monkeypatch):
    monkeypatch.setattr(attendee._buckets, "remembered", 2)
    session, poll = await room()

    for actor in range(1, 5):
        await vote(session, poll, 1, token(session, actor=actor))

    assert len(attendee._buckets) == 2


async def test_who_went_on_asking_is_remembered_rather_than_who_came_last(web, monkeypatch):
    monkeypatch.setattr(attendee._buckets, "remembered", 2)
    session, poll = await room()

    for actor in (1, 2, 1, 3):
        await vote(session, poll, 1, token(session, actor=actor))

    assert [actor for _, _, actor in attendee._buckets] == [1, 3]


async def test_session_that_is_gone_is_unknown(web):
    session, poll = await room()
    given = token(session)
    pk = session.pk
    await sync_to_async(session.delete)()

    answer, said = await ask("POST", f"{pk}/interventions/{poll.pk}/vote/", given, {"option": 1})

    assert (answer.status_code, said["error"]["code"]) == (404, "session_unknown")


async def test_state_hides_results_until_voted(web):
    session, poll = await room()
    path = f"{session.pk}/interventions/{poll.pk}/"

    _, before = await ask("GET", path, token(session))
    await vote(session, poll, 2)
    _, after = await ask("GET", path, token(session))
    missing, _ = await ask("GET", f"{session.pk}/interventions/{10**9}/", token(session))

    assert "counts" not in before
    assert (before["options"], before["mine"]) == (list(OPTIONS), None)
    assert (after["counts"], after["mine"]) == ([0, 0, 1], 2)
    assert missing.status_code == 404


async def test_questions_are_listed_and_upvoted_once(web, valkey):
    session, _ = await room()
    question = await sync_to_async(Question.objects.create)(
        session=session, source=7, seq=1, actor=1, text="Does it scale?", asked_at=timezone.now()
    )
    path = f"{session.pk}/questions/"
    await be_here(session)

    for _ in range(2):
        answer, said = await ask("POST", f"{path}{question.pk}/upvote/", token(session))
        assert (answer.status_code, said) == (200, {"id": question.pk, "upvotes": 1, "mine": True})
    _, listed = await ask("GET", path, token(session))

    assert listed == {
        "questions": [{"id": question.pk, "text": "Does it scale?", "upvotes": 1, "mine": True}],
        "count": 1,
        "own": [],
    }
    assert {(each.kind, each.text) for each in logged(valkey)} == {
        (SignalKind.UPVOTE, str(question.pk))
    }
    assert len({each.seq for each in logged(valkey)}) == 1


def _ask_many(session, count):
    return Question.objects.bulk_create(
        Question(
            session=session, source=7, seq=n, actor=1, text=f"Question {n}?",
            asked_at=timezone.now() + dt.timedelta(seconds=n),
        )
        for n in range(count)
    )  # fmt: skip


async def test_every_question_is_reachable_however_many_there_are(web, valkey):
    session, _ = await room()
    made = await sync_to_async(_ask_many)(session, 120)
    path = f"{session.pk}/questions/"

    _, first = await ask("GET", path, token(session))
    _, all_of_them = await ask("GET", f"{path}?most=150", token(session))

    assert (len(first["questions"]), first["count"]) == (50, 120)
    assert [row["id"] for row in all_of_them["questions"]] == [row.pk for row in made]


async def test_long_lists_count_as_several_questions(web, valkey, settings):
    settings.API_PER_MINUTE = 10
    session, _ = await room()
    path = f"{session.pk}/questions/?most="

    short = [
        (await ask("GET", f"{path}50", token(session, ANN + 1)))[0].status_code for _ in range(6)
    ]
    long = [(await ask("GET", f"{path}1000", token(session, ANN))) for _ in range(3)]

    assert short == [200] * 6
    assert [answer.status_code for answer, _ in long] == [200, 200, 429]
    assert long[2][1]["error"]["code"] == "too_many_requests"


@pytest.mark.parametrize("most", ["0", "-1", "1001", "many", "٣", "5" * 5000])
async def test_number_of_questions_that_makes_no_sense_is_refused(web, valkey, most):
    session, _ = await room()

    answer, said = await ask("GET", f"{session.pk}/questions/?most={most}", token(session))

    assert (answer.status_code, said["error"]["code"]) == (400, "invalid_most")


async def test_nothing_is_heard_of_a_session_that_is_not_live(web, valkey):
    session, poll = await room(session={"status": SessionStatus.ENDED})

    answer, _ = await vote(session, poll, 1)

    assert answer.status_code == 200
    assert logged(valkey) == []


async def test_who_connects_is_sent_what_is_open(web):
    session, poll = await room()

    async with opened(attendee_path(session)) as page:
        said = await page.hear()

    assert (said["type"], said["id"]) == ("interaction", poll.pk)


# --- the chat


async def test_person_gets_her_own_messages_and_nobody_elses(web, valkey):
    session = await sync_to_async(make_session)()
    await sync_to_async(make_line)(session, "waits", actor=ANN, state="waiting", why="all")
    await sync_to_async(make_line)(session, "his", actor=7)

    answer, said = await ask("GET", f"{session.pk}/chat/", token(session))

    assert (answer.status_code, said["mode"]) == (200, "open")
    assert [(line["text"], line["state"]) for line in said["lines"]] == [("waits", "waiting")]


async def test_page_that_opens_is_shown_the_last_of_the_chat(web, valkey):
    session = await sync_to_async(make_session)()
    await sync_to_async(make_line)(session, "before you came")

    async with opened(attendee_path(session)) as page:
        frame = await page.hear()

    assert (frame["type"], frame["name"], frame["mode"]) == ("chat", "all", "open")
    assert [line["text"] for line in frame["lines"]] == ["before you came"]
    assert "actor" not in frame["lines"][0]
