"""Every address of the product, found from the resolver, with something in each of its places."""

import re
from collections.abc import Iterator, Mapping

from django.urls import URLPattern, URLResolver, get_resolver

_PLACE = re.compile(r"<(?:\w+:)?\w+>|\(\?P<\w+>[^()]*\)")


def every_address(known: Mapping[str, str]) -> list[str]:
    """Return a path for each pattern, without what only catches the rest.

    A place is filled with what is `known` by the part before it ("sessions": "7"), else with "1".
    """
    return list(dict.fromkeys(f"/{_filled(each, known)}" for each in _walk(get_resolver(), "")))


def _walk(resolver: URLResolver, before: str) -> Iterator[str]:
    for each in resolver.url_patterns:
        path = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _walk(each, path)
        elif isinstance(each, URLPattern) and ".*" not in path:
            yield path


def _filled(pattern: str, known: Mapping[str, str]) -> str:
    parts: list[str] = []
    for part in _PLACE.sub("{}", pattern).split("/"):
        before = parts[-1] if parts else ""
        parts.append(part.replace("{}", known.get(before, "1")))
    return re.sub(r"[\^$\\]|\?$", "", "/".join(parts))
