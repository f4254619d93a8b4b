"""Bytes that are no text and JSON that means nothing: refused before any view sees them.

PostgreSQL stores no NUL, nothing sends half a character, JSON knows no infinity, and of a name that
comes twice nobody knows which is meant. What is merely no JSON is left to who reads it.

What a person did not write is forgiven: the rest of a link from an old newsletter, cookies that others set on
our domain, headers of her browser. It must not lock her out.
"""

import codecs
import json
import math
import re
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import quote, unquote_plus, unquote_to_bytes

from django.core.exceptions import TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse

from conductor.serving import errors
from engagement.vocabulary.errors import ProblemError, invalid, no_text
from engagement.vocabulary.plain_text import check_text, check_values, is_text

MOST_DEEP: Final = 50
"""Levels of a JSON body; ours have five."""
MOST_DIGITS: Final = 19
"""Of a whole number: what 64 bits hold."""
MOST_FORM_BYTES: Final = 256 * 1024
"""Of a form without files; an event with all its fields has a tenth."""
MOST_FIELDS: Final = 1000
_FORM: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"
_JSON: Final = re.compile(r"application/(?:[\w.+-]+\+)?json")
_ESCAPED: Final = re.compile(r"(?:%[0-9a-fA-F]{2}|[^\x01-\x7f])+")
_LENGTH: Final = re.compile(r"[0-9]{1,18}")
_REPLACEMENT: Final = "\ufffd"


class PlainTextMiddleware:
    """Refuse what is no text, or JSON that means nothing (400), where it is not forgiven."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        forgive(request)
        try:
            check(request)
        except ProblemError as problem:
            return errors.refused(request, problem)
        return self.get_response(request)


def forgive(request: HttpRequest) -> None:
    """Make text of a page's query and of headers, and leave out cookies that are none."""
    if not _is_api(request):
        request.META["QUERY_STRING"] = readable_query(request.META.get("QUERY_STRING", ""))
    for name, value in request.META.items():
        if name.startswith("HTTP_") and "\0" in value:
            request.META[name] = value.replace("\0", _REPLACEMENT)
            request.__dict__.pop("headers", None)  # kept from before
    if not _LENGTH.fullmatch(str(request.META.get("CONTENT_LENGTH", ""))):
        request.META.pop("CONTENT_LENGTH", None)
    request.COOKIES = {
        name: value for name, value in request.COOKIES.items() if is_text(name) and is_text(value)
    }


def readable_query(raw: str) -> str:
    """Return a query with U+FFFD for bytes that are no UTF-8 and for NUL; the rest as it was."""
    return _ESCAPED.sub(_readable, raw)


def _readable(escaped: re.Match[str]) -> str:
    text = unquote_to_bytes(escaped[0]).decode(errors="replace").replace("\0", _REPLACEMENT)
    return quote(text, safe="") if _REPLACEMENT in text else escaped[0]


def check(request: HttpRequest) -> None:
    """Raise ProblemError with where: not_text, unknown_charset, too_deep, bad_number or duplicate_key."""
    check_text("path", request.path)
    query = request.META.get("QUERY_STRING", "").encode("utf-8", "surrogateescape")
    # Also of a page's, which is forgiven the rest: Django refuses it with a traceback in the log.
    _check_count(query)
    if _is_api(request):
        _check_fields(query)
    if request.method not in {"GET", "HEAD", "OPTIONS"}:
        _check_body(request)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _check_charset(request: HttpRequest) -> None:
    """Refuse what another codec would make of a body: not what was checked, and some take minutes."""
    named = request.encoding
    if named and codecs.lookup(named).name not in {"utf-8", "ascii"}:
        raise invalid(
            "unknown_charset",
            "Text in %(charset)s is not read here: send UTF-8.",
            charset=_shown(named),
        )


def _check_body(request: HttpRequest) -> None:
    _check_charset(request)
    media = request.content_type or ""
    if media == _MULTIPART:
        _check_parts(request)
    elif media == _FORM:
        _check_fields(request.body)
    elif _JSON.fullmatch(media) or request.path.startswith("/api/v1/attend/"):
        check_json(request.body)


def _check_parts(request: HttpRequest) -> None:
    try:
        fields, uploads = request.POST, request.FILES
    except (TooManyFieldsSent, TooManyFilesSent):
        raise _too_many_fields() from None
    for name, values in fields.lists():
        # Django has put this character where bytes were none.
        if any(_REPLACEMENT in value for value in values):
            raise no_text(_shown(name))
        check_text(_shown(name), name, *values)
    for name, files in uploads.lists():
        check_text(_shown(name), name, *(file.name or "" for file in files))


def _check_fields(escaped: bytes) -> None:
    if len(escaped) > MOST_FORM_BYTES:
        raise invalid(
            "body_too_large", "A form has at most %(most)s bytes.", http_status=413,
            most=MOST_FORM_BYTES,
        )  # fmt: skip
    _check_count(escaped)
    # No character goes on behind a "&": what is text as a whole is text field by field.
    if _is_escaped_text(escaped):
        return
    for part in escaped.split(b"&"):
        if not _is_escaped_text(part):
            raise no_text(_named(part.partition(b"=")[0].decode("latin-1")))


def _check_count(escaped: bytes) -> None:
    if escaped.count(b"&") >= MOST_FIELDS:
        raise _too_many_fields()


def _too_many_fields() -> ProblemError:
    return invalid("too_many_fields", "A form has at most %(most)s fields.", most=MOST_FIELDS)


def _is_escaped_text(escaped: bytes) -> bool:
    plain = unquote_to_bytes(escaped)
    try:
        plain.decode()
    except UnicodeError:
        return False
    return b"\0" not in plain


def check_json(body: bytes) -> None:
    """Raise ProblemError as `check`; nothing for what is no JSON at all."""
    if not body:
        return
    check_values(body)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise no_text("body") from None
    try:
        found = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float,
            parse_int=_int,
        )  # fmt: skip
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        return
    _check_depth(found)
    if "\\u" in text:
        _check_strings(found)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        field = _shown(twice)
        raise invalid("duplicate_key", "`%(name)s` is there twice.", field, name=field)
    return made


def _constant(name: str) -> Any:
    raise _bad_number(name)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _bad_number(digits[:20])
    return number


def _int(digits: str) -> int:
    if len(digits.lstrip("-")) > MOST_DIGITS:
        raise _bad_number(f"{digits[:20]}…")
    return int(digits)


def _check_depth(found: Any) -> None:
    level: list[Any] = [found]
    for _ in range(MOST_DEEP):
        level = [inner for each in level for inner in _parts(each)]
        if not level:
            return
    raise _too_deep()


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _check_strings(found: Any) -> None:
    level: list[Any] = [found]
    while level:
        for each in level:
            if isinstance(each, dict):
                check_text("body", *each)
                for name, value in each.items():
                    check_text(name, *([value] if isinstance(value, str) else ()))
            elif isinstance(each, list | str):
                check_text("body", *(text for text in [*each] if isinstance(text, str)))
        level = [inner for each in level for inner in _parts(each)]


def _named(escaped: str) -> str:
    return _shown(unquote_plus(escaped))


def _shown(name: str) -> str:
    """Return a name as an answer may carry it."""
    return name.encode("ascii", "replace").decode().replace("\0", "?")[:80]


def _too_deep() -> ProblemError:
    return invalid("too_deep", "JSON may be nested %(most)s levels deep.", most=MOST_DEEP)


def _bad_number(number: str) -> ProblemError:
    return invalid("bad_number", "%(number)s is no number that can be kept.", number=number)
