"""`Idempotency-Key`: the same request sent again gets the first answer, and nothing is done twice.

Answers are kept in Valkey for a day. While Valkey is away requests are served without this: approving
twice is refused by the row's status anyway, and triggering twice by the row's request key.
"""

import functools
import hashlib
import json
from collections.abc import Callable
from typing import Any, Final

import redis
from django.utils import timezone
from django_redis import get_redis_connection
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.api.principals import caller_of
from engagement.vocabulary.errors import conflict, invalid
from interventions.personal_data import kept_answers

HEADER: Final = "Idempotency-Key"
MOST_CHARS: Final = 80
WORKING_SECONDS: Final = 60
"""How long a request that died may keep its repetition waiting."""
PARAMETER: Final = OpenApiParameter(
    HEADER, str, OpenApiParameter.HEADER,
    description="Any text of up to 80 printable characters. Sent again within a day it repeats the"
    " first answer and does nothing.",
)  # fmt: skip
Post = Callable[..., Response]


def key_of(request: Request) -> str:
    """Return the request's key, empty where none was sent. Raises a validation error."""
    key = request.headers.get(HEADER, "")
    if len(key) > MOST_CHARS or not (key.isascii() and key.isprintable()):
        raise invalid(
            "idempotency_key", "%(header)s is 1 to %(most)s printable characters.", header=HEADER,
            most=MOST_CHARS,
        )  # fmt: skip
    return key


def once(may: Callable[[Request, int], object]) -> Callable[[Post], Post]:
    """Make a view's method answer a repeated request with the first answer, which is an intervention's.

    may: raises where the caller may not do this to the row of the address. It is asked before anything is
    answered: a kept answer is no right to read it.
    """

    def made(post: Post) -> Post:
        @functools.wraps(post)
        def wrapped(view: Any, request: Request, pk: int) -> Response:
            key = key_of(request)
            if not key:
                return post(view, request, pk)
            may(request, pk)
            return _repeated(request, key, lambda: post(view, request, pk))

        return wrapped

    return made


def _repeated(request: Request, key: str, post: Callable[[], Response]) -> Response:
    name, body = _names(request, key)
    try:
        seen = kept_answers.erasures(get_redis_connection("default"))
        kept = _begin(name, body)
    except redis.RedisError:
        return post()
    return _first(name, body, seen, post) if kept is None else kept


def _names(request: Request, key: str) -> tuple[str, str]:
    """Return the name of what is kept and a digest of what is asked."""
    text = json.dumps(request.data, sort_keys=True)
    who = caller_of(request).identity
    place = hashlib.sha256(f"{who} {request.path} {key}".encode()).hexdigest()
    return f"once:{place}", hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _begin(name: str, body: str) -> Response | None:
    """Take the key, or return the answer that is kept. Raises a conflict."""
    connection = get_redis_connection("default")
    mine = json.dumps({"body": body})
    if connection.set(name, mine, nx=True, ex=WORKING_SECONDS):
        return None
    kept = json.loads(connection.get(name) or mine)
    if kept["body"] != body:
        raise conflict(
            "idempotency_key_reused", "This %(header)s was used for another request.", header=HEADER
        )
    if "status" not in kept:
        raise conflict("request_in_progress", "The same request is being served.", retry_after=1)
    return Response(kept["data"], kept["status"], headers={"Idempotency-Replayed": "true"})


def _first(name: str, body: str, seen: int, post: Callable[[], Response]) -> Response:
    """Do it and keep the answer; what failed may be tried again with the same key.

    seen: the erasures when the request came: see `kept_answers`.
    """
    connection = get_redis_connection("default")
    try:
        answer = post()
    except Exception:
        _quietly(lambda: connection.delete(name))
        raise
    kept = {"body": body, "status": answer.status_code, "data": answer.data}
    session_id, now = int(answer.data["session"]), timezone.now().timestamp()
    _quietly(lambda: kept_answers.keep(connection, name, session_id, kept, seen=seen, now=now))
    return answer


def _quietly(write: Callable[[], object]) -> None:
    """An answer that could not be kept is served all the same."""
    try:
        write()
    except redis.RedisError:
        return
