"""What the people in the room answer, over HTTP: votes, teams, upvotes.

The attendee token says who it is: `Authorization: Bearer <token>`. No cookie is looked at, so there
is nothing for another site to ride on. Errors come in the envelope of every door; 429 and 503 with
Retry-After. An answer that is sent again is the same answer.
"""

import datetime as dt
import functools
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse, RawPostDataException
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from engagement.doors.admission.known_sessions import LIVE, KnownSession
from engagement.doors.admission.signal_admission import person_now
from engagement.doors.request_context import current_request_id
from engagement.doors.web_process import Web, web
from engagement.intake.pseudonyms import seq_of, source_of
from engagement.intake.wire_format import Signal, batch_item
from engagement.limits.client_networks import request_network
from engagement.limits.token_bucket import Buckets
from engagement.sessions import attendee_tokens
from engagement.vocabulary.errors import ProblemError, invalid, not_found, rate_limited
from engagement.vocabulary.signal_kinds import UPVOTES, SignalKind
from interventions.audience import snapshots
from interventions.audience.chat import own_lines
from interventions.audience.polls import tallies, voting
from interventions.audience.questions import queries as question_queries
from interventions.audience.questions import services as questions
from interventions.audience.signal_log_marks import vote_signal
from interventions.kinds.registry import has_teams
from interventions.models import Intervention, PollVote

MOST_CALLERS: Final = 20_000
"""People whose pace is remembered, per process."""
LISTED_FOR_ONE: Final = 250
"""Questions in a list: with so many it costs twice what another question about the room costs."""
_buckets = Buckets(MOST_CALLERS)
T = TypeVar("T")
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a person in a room, and what this web process shares."""

    person: attendee_tokens.Pass
    known: KnownSession
    web: Web

    async def ask(self, question: Callable[..., T], *given: object) -> T:
        """Ask the database when it is the organisation's turn. Raises as `KnownSessions.ask` does."""
        return await self.web.sessions.ask(question, *given, of=self.known.organisation_id)


class _Ballot(msgspec.Struct):
    option: int


_decode_ballot = msgspec.json.Decoder(_Ballot).decode
Answer = Callable[..., Awaitable[dict[str, Any]]]
View = Callable[..., Coroutine[Any, Any, HttpResponse]]


def door(method: str) -> Callable[[Answer], View]:
    """Make a view of a function that answers a caller: checks method, token and pace, names errors."""

    def made(answer: Answer) -> View:
        @csrf_exempt
        @functools.wraps(answer)
        async def view(request: HttpRequest, session_id: int, **of: int) -> HttpResponse:
            try:
                caller = await _caller(request, session_id, method)
                return _said(200, await answer(caller, request, **of))
            except ProblemError as problem:
                return _refused(problem, method)

        return view

    return made


async def _caller(request: HttpRequest, session_id: int, method: str) -> Caller:
    if request.method != method:
        raise invalid(
            "method_not_allowed", "This is a %(methods)s.", http_status=405, methods=method
        )
    header = request.headers.get("Authorization", "")
    token = header[7:].strip() if header[:7].lower() == "bearer " else ""
    person = attendee_tokens.read(token, session_id)
    _check_pace(method, person)
    shared = web()
    known = await shared.sessions.known(session_id, request_network(request))
    if known is None:
        raise not_found("session_unknown", "There is no such session.")
    return Caller(await person_now(shared.sessions, known, person), known, shared)


def _check_pace(method: str, person: attendee_tokens.Pass, amount: int = 1) -> None:
    key, now, most = (
        (method, person.session_id, person.actor), time.monotonic(), settings.API_PER_MINUTE,
    )  # fmt: skip
    bucket = _buckets.of(key, most / 60, most, now)
    if not bucket.take(amount, now):
        wait = max(1, round(bucket.seconds_until(amount)))
        raise rate_limited(
            "too_many_requests", "Try again in %(seconds)s s.", retry_after=wait, seconds=wait
        )


def _said(status: int, body: dict[str, Any]) -> HttpResponse:
    response = HttpResponse(_encode(body), status=status, content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


def _refused(problem: ProblemError, method: str) -> HttpResponse:
    response = _said(problem.status, problem.envelope(current_request_id()))
    if problem.retry_after is not None:
        response["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if problem.status == 405:
        response["Allow"] = method
    return response


@door("GET")
async def interaction(caller: Caller, request: HttpRequest, pk: int) -> dict[str, Any]:
    """Return an interaction as this person may see it: see `snapshots.state`."""
    return await caller.ask(
        _state, caller.known.session_id, pk, caller.person.actor, timezone.now()
    )


def _state(session_id: int, pk: int, actor: int, now: dt.datetime) -> dict[str, Any]:
    row = Intervention.objects.filter(pk=pk, session_id=session_id, status__in=voting.SENT).first()
    if row is None:
        raise not_found("intervention_unknown", "There is nothing to answer here.")
    return snapshots.state(row, actor, now)


@door("POST")
async def vote(caller: Caller, request: HttpRequest, pk: int) -> dict[str, Any]:
    """Take `{"option": 1}`; return `{"id", "mine", "counts", "people"}`.

    409 "poll_closed", "not_present" (no page of hers is connected), 400 "no_such_option", 404
    "intervention_unknown". The vote is a row before its signal is in the log; while the log is away
    (503) the row stands, and sending it again is safe.
    """
    try:
        option = _decode_ballot(request.body).option
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, RawPostDataException):
        raise invalid("malformed", 'Send {"option": 0}.', "option") from None
    await caller.web.check_present(caller.known, caller.person.actor)
    row, given = await caller.ask(
        _cast, caller.known.session_id, pk, caller.person.actor, option, timezone.now()
    )
    is_team = has_teams(row.kind)
    await _log(
        caller,
        vote_signal(row.session_id, pk, is_team, given.actor, given.option, voting.given_at(given)),
    )
    counts = await caller.ask(tallies.counts_of_all, [row])
    return {"id": pk, "mine": given.option, "counts": counts[pk], "people": sum(counts[pk])}


def _cast(
    session_id: int, pk: int, actor: int, option: int, now: dt.datetime
) -> tuple[Intervention, PollVote]:
    given = voting.cast(pk, actor, option, now, session_id=session_id)
    return Intervention.objects.only("session_id", "kind", "content").get(pk=pk), given


@door("GET")
async def question_list(caller: Caller, request: HttpRequest) -> dict[str, Any]:
    """Return `{"questions": [{"id", "text", "upvotes", "mine"}, …], "count", "own"}`, most wanted first.

    `?most=` (1 to 1,000; 50) of them are listed; `count` says how many are open. 400 "invalid_most". For
    each LISTED_FOR_ONE of them it counts as one request more.
    `own`: the caller's that others do not see, `{"id", "text", "status": "held", "hidden" or "many"}`.
    """
    most, session_id = (
        _most(request.GET.get("most", str(question_queries.LISTED))),
        caller.known.session_id,
    )
    if more := most // LISTED_FOR_ONE:
        _check_pace("GET", caller.person, more)
    ask = caller.ask
    rows = await ask(question_queries.listed, session_id, caller.person.actor, most)
    count = len(rows) if len(rows) < most else await ask(question_queries.count_open, session_id)
    mine = await ask(question_queries.own, session_id, caller.person.actor)
    return {"questions": [row.to_json() for row in rows], "count": count, "own": mine}


def _most(asked: str) -> int:
    if asked.isascii() and asked.isdigit() and 1 <= int(asked[:5]) <= question_queries.MOST_LISTED:
        return int(asked)
    raise invalid(
        "invalid_most", "`most` is 1 to %(most)s.", "most", most=question_queries.MOST_LISTED
    )


@door("POST")
async def question_upvote(caller: Caller, request: HttpRequest, pk: int) -> dict[str, Any]:
    """Want a question answered; return `{"id", "upvotes", "mine"}`. 409 "not_present" as for votes."""
    actor, session_id = caller.person.actor, caller.known.session_id
    await caller.web.check_present(caller.known, actor)
    upvotes, _ = await caller.ask(questions.upvote, session_id, pk, actor, timezone.now())
    salt, moment = caller.known.salt, time.time_ns() // 1000
    # Of one person and question there is one such signal, however often it is sent.
    signal = Signal(
        session_id, moment, moment, int(SignalKind.UPVOTE), actor,
        source_of(salt, UPVOTES), seq_of(salt, f"upvote:{pk}:{actor}"), str(pk),
    )  # fmt: skip
    await _log(caller, signal)
    return {"id": pk, "upvotes": upvotes, "mine": True}


@door("GET")
async def chat(caller: Caller, request: HttpRequest) -> dict[str, Any]:
    """Return this person's own messages, and who she is to others: see `chat_mine.mine`."""
    return await caller.ask(
        own_lines.own_lines_of, caller.known.session_id, caller.person.actor, timezone.now()
    )


async def _log(caller: Caller, signal: Signal) -> None:
    """Put what a person did into the log; nothing of who opted out, nor when nothing is counted."""
    if not caller.person.counts or caller.known.status != LIVE:
        return
    item = batch_item(caller.known.session_id, time.time_ns() // 1000, [signal])
    await caller.web.intake.commit(caller.known.session_id, item, 120)
