"""Log lines as JSON, one object a line, with the request id, and without secrets."""

import datetime as dt
import json
import logging
import re
from typing import Final

from engagement.doors.request_context import request_id

# Attributes every record has; what a caller adds by `extra=` is what is left.
ORDINARY = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request_id"}
# A value as it stands in an address, a header, a repr or JSON; the first letters tell one from another.
_SHOWN: Final = 4
_VALUE: Final = r"[^\s\"'\\&;,<>()\[\]{}]"
_GAP: Final = r"[\\\"']*\s*(?:[=:]|%3D)\s*[\\\"']*"
_NAMES: Final = "|".join(
    (
        "token", "secret", "password", r"\w_session", "sessionid", "session_key", r"csrf\w{0,20}",
        "api[_-]?key", "auth", "p256dh", r"pass-\d+",
    )
)  # fmt: skip
_BEFORE: Final = (
    r"(?<!/)/+(?:stage|overlay|cue)/+",
    rf"\b(?:Bearer|Basic|Token)\s+(?={_VALUE}{{16}})",
    rf"(?:{_NAMES}){_GAP}(?!(?:Bearer|Basic|Token)\s)",
    r"\bec_", r"\bwhsec_", r"\bsk-ant-",
)  # fmt: skip
_SECRETS: Final = re.compile(
    rf"(?i)((?:{'|'.join(_BEFORE)}){_VALUE}{{0,{_SHOWN}}}){_VALUE}+"
    # What Django signs, wherever it stands: passes of attendees, approvals of phones.
    rf"|(?<![\w-])([\w-]{{{_SHOWN}}})[\w-]*(?::|%3A)[A-Za-z0-9]{{6}}(?::|%3A)[\w-]{{43}}"
    # The password in the address of a server.
    r"|(://[^\s/:@]*:)[^\s/@]+(?=@)"
)


_LONGEST: Final = 16_000
"""Characters of a line or traceback that are written; of more the middle is left out."""
_BEGUN: Final = re.compile(r"\A\S*")


def shorten(text: str) -> str:
    """Return the text with every secret cut after its first letters: tokens, keys, cookies, passwords.

    Known by what stands before them and by their shape. Whoever asks for an address chooses what is
    written of it, up to the limit of a request's head: of a long text only both ends are looked through.
    """
    if (left_out := len(text) - _LONGEST) > 0:
        half = _LONGEST // 2
        # What a secret is known by may stand in the middle: no word is begun in it.
        end = _BEGUN.sub("", text[-half:])
        text = f"{text[:half]} ... {left_out} characters ... {end}"
    return _SECRETS.sub(lambda found: next(filter(None, found.groups())) + "...", text)


class RequestIdFilter(logging.Filter):
    """Put the current request id on each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record."""
        record.request_id = request_id.get()
        return True


class JsonFormatter(logging.Formatter):
    """Time (UTC, RFC 3339), level, logger, message, request id, extras, traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        moment = dt.datetime.fromtimestamp(record.created, dt.UTC)
        line = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", "-"),
        }
        extras = {key: value for key, value in vars(record).items() if key not in ORDINARY}
        line = extras | line  # what a caller adds never hides what every line says
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        # Escaped: no letter that a reader could take for the end of a line, or that cannot be written.
        return shorten(json.dumps(line, default=str))


class TextFormatter(logging.Formatter):
    """A line for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text, its traceback below it."""
        return shorten(super().format(record))
