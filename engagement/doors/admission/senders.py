"""How it goes with those who send us signals: counted in a web process, written now and then."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from django.db import connection

from engagement.doors.formats.envelope import Batch, Reader, Result
from engagement.vocabulary.errors import ProblemError

PLATFORM: Final = "platform"
"""The name of the platform's Redis channels."""
_WORDS: Final = 200
_ADD: Final = """
insert into engagement_signalsource as had
  (session_id, name, api_key_id, heard_at, accepted, refused,
   refused_code, refused_because, refused_at)
select s.id, %(name)s, k.id, now(), %(accepted)s, %(refused)s,
  %(code)s, %(because)s, case when %(refused)s > 0 then now() end
from engagement_session s left join engagement_apikey k on k.id = %(key)s
where s.id = %(session)s
on conflict (session_id, name) do update set
  heard_at = greatest(had.heard_at, excluded.heard_at),
  accepted = had.accepted + excluded.accepted,
  refused = had.refused + excluded.refused,
  refused_code = coalesce(nullif(excluded.refused_code, ''), had.refused_code),
  refused_because = coalesce(nullif(excluded.refused_because, ''), had.refused_because),
  refused_at = coalesce(excluded.refused_at, had.refused_at)
"""


@dataclass(slots=True)
class Heard:
    """What came from one source since it was last written down."""

    accepted: int = 0
    refused: int = 0
    code: str = ""
    because: str = ""

    def count(self, results: Iterable[Result]) -> None:
        """Count the items of one batch; what was heard before counts as accepted."""
        for result in results:
            if result.status == "refused":
                self.refuse(result.code or "", result.message or "")
            else:
                self.accepted += 1

    def refuse(self, code: str, because: str, times: int = 1) -> None:
        """Count a refusal."""
        self.refused += times
        self.code, self.because = code, because[:_WORDS]


@dataclass(slots=True)
class Hearing:
    """The sources of one web process: (session, API key or None) → what came."""

    found: dict[tuple[int, int | None], Heard] = field(default_factory=dict)

    def read(
        self,
        reader: Reader,
        key_id: int | None,
        body: bytes | str,
        headers: Mapping[bytes, bytes] | None = None,
    ) -> Batch:
        """Read a batch; what cannot be read is counted and raises ProblemError."""
        with self.reading(reader.session_id, key_id):
            return reader.read(body, headers)

    @contextmanager
    def reading(self, session_id: int, key_id: int | None) -> Iterator[None]:
        """Count what cannot be read in the block; its ProblemError goes on."""
        try:
            yield
        except ProblemError as problem:
            self._of(session_id, key_id).refuse(problem.code, problem.message)
            raise

    def stored(self, session_id: int, key_id: int | None, results: Iterable[Result]) -> None:
        """Count a batch whose signals are in the log."""
        self._of(session_id, key_id).count(results)

    def left_out(self, session_id: int, key_id: int | None, why: ProblemError, times: int) -> None:
        """Count what was left out unread."""
        self._of(session_id, key_id).refuse(why.code, why.message, times)

    def take(self) -> dict[tuple[int, int | None], Heard]:
        """Return what came and begin anew."""
        found, self.found = self.found, {}
        return found

    def _of(self, session_id: int, key_id: int | None) -> Heard:
        return self.found.setdefault((session_id, key_id), Heard())


def note_heard(found: dict[tuple[int, int | None], Heard]) -> None:
    """Add to the rows what came; of a session or key that is gone nothing is kept.

    In order, so that two processes never wait for each other crosswise.
    """
    rows = [
        {
            "session": session_id, "key": key_id,
            "name": PLATFORM if key_id is None else f"key:{key_id}",
            "accepted": each.accepted, "refused": each.refused,
            "code": each.code, "because": each.because,
        }
        for (session_id, key_id), each in sorted(found.items(), key=str)
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany(_ADD, rows)
