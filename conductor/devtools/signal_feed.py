"""What `replay` and `simulate` share: a session to feed, and the front door to feed it through."""

import contextlib
import datetime as dt
import http.client
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from conductor.embedded.process import read_number
from engagement.models import ApiKey, Event, Organisation, Session, SessionStatus
from engagement.organisations import api_keys
from engagement.sessions import services
from engagement.vocabulary.signal_kinds import BATCH_MAX_SIGNALS

# Seconds one request may take, and how long the door may be away before we give up.
REQUEST_SECONDS: Final = 10
PATIENCE_SECONDS: Final = 120


@dataclass
class Door:
    """The signals door of a running server: `send` returns when everything is accepted."""

    url: str
    session_id: int
    key: str
    sleep: Callable[[float], None] = time.sleep
    accepted: int = 0
    refused: int = 0
    _connection: http.client.HTTPConnection | None = None

    def send(self, signals: list[dict[str, Any]]) -> None:
        """Send signals in batches; waits and sends again while the server is away.

        Raises CommandError when it refuses for good or stays away longer than two minutes.
        """
        for start in range(0, len(signals), BATCH_MAX_SIGNALS):
            self._post(msgspec.json.encode({"signals": signals[start : start + BATCH_MAX_SIGNALS]}))

    def _post(self, body: bytes) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            status, answer, wait = self._try(body)
            if status == 202:
                self._count(answer)
                return
            if status not in {0, 429, 500, 502, 503} or time.monotonic() > deadline:
                raise CommandError(f"The server answered {status}: {_message(answer)}")
            self.sleep(wait)

    def _try(self, body: bytes) -> tuple[int, bytes, float]:
        try:
            connection = self._connection or self._open()
            connection.request(
                "POST", f"/api/v1/sessions/{self.session_id}/signals/", body,
                {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"},
            )  # fmt: skip
            response = connection.getresponse()
            answer = response.read()
            wait = float(response.headers.get("Retry-After", "1"))
        except (OSError, http.client.HTTPException) as error:
            self._connection = None
            return 0, str(error).encode(), 1.0
        return response.status, answer, min(max(wait, 0.2), 10.0)

    def _open(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        make = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self._connection = make(parts.hostname or "", parts.port, timeout=REQUEST_SECONDS)
        return self._connection

    def _count(self, answer: bytes) -> None:
        results = msgspec.json.decode(answer).get("results", [])
        refused = sum(each.get("status") == "refused" for each in results)
        self.refused += refused
        self.accepted += len(results) - refused


def _message(answer: bytes) -> str:
    try:
        return str(msgspec.json.decode(answer)["error"]["message"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return answer.decode(errors="replace")[:200] or "nothing"


def server_url(given: str | None) -> str:
    """Return the server to feed: the one given, PUBLIC_URL, or the one that `up` runs here."""
    port = read_number(settings.CONDUCTOR_HOME / "web-port")
    url = given or settings.PUBLIC_URL or (f"http://127.0.0.1:{port}" if port else "")
    if not url:
        raise CommandError("No server is known: start one (`manage.py up`) or give --url.")
    return url.rstrip("/").replace("//localhost", "//127.0.0.1")


def session_to_feed(session_id: int | None, title: str, **fields: Any) -> Session:
    """Return the session to feed, live: the one given, or a new one in the first organisation.

    Raises CommandError where there is none such, or it is over.
    """
    if session_id is not None:
        found = Session.objects.filter(pk=session_id).first()
        if found is None:
            raise CommandError(f"There is no session {session_id}.")
        session = found
    else:
        organisation = Organisation.objects.order_by("pk").first()
        if organisation is None:
            raise CommandError("There is no organisation yet: run `manage.py demo` first.")
        event, _ = Event.objects.get_or_create(organisation=organisation, title="Rehearsals")
        session = Session.objects.create(event=event, title=title[:120], **fields)
    if session.status == SessionStatus.PLANNED:
        services.start_session(session=session, now=timezone.now())
    if session.status == SessionStatus.ENDED:
        raise CommandError(f"Session {session.pk} has ended.")
    return session


@contextlib.contextmanager
def own_key(session: Session, name: str) -> Iterator[str]:
    """Lend a key of the session's organisation for as long as the command runs."""
    row, plain = api_keys.make_key(session.event.organisation, name, frozenset({"signals"}))
    try:
        yield plain
    finally:
        ApiKey.objects.filter(pk=row.pk).delete()


def clock_text(seconds: float) -> str:
    """Return a duration as h:mm:ss."""
    return str(dt.timedelta(seconds=int(seconds)))
