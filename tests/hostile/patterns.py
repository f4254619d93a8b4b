"""Try every pattern on texts made to be tried in every way: `python -m tests.hostile.patterns`.

Says each pattern before it is tried; ends, where all of them end.
"""

import importlib
import itertools
import os
import pkgutil
import re
from collections.abc import Iterator
from typing import Final

import django

from conductor.monitoring import logs

PACKAGES: Final = ("conductor", "engagement", "interventions", "dashboard")
APART: Final = ("migrations", "management", "celery", "asgi")
SIGNS: Final = "_ -.a1@/:%&,(+*\t\u0301"
TAILS: Final = ("x", "ab", "!", " ", "\n", "\u00e9\u00e9")
LENGTH: Final = 120
"""A name has sixty, a message five hundred: what grows by a factor for each ends with neither."""
LONGEST: Final = 60_000
"""An address may be so long (`conductor.serving.request_head_limits`), and is logged where it is none."""


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Yield the compiled patterns of all our modules, by where they stand; patterns of bytes apart."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    for package in map(importlib.import_module, PACKAGES):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if set(APART).isdisjoint(found.name.split(".")) and found.name != "conductor.settings":
                module = importlib.import_module(found.name)
                for name, value in vars(module).items():
                    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                        yield f"{found.name}.{name}", value


def texts() -> Iterator[str]:
    """Yield pairs of signs over and over, with what comes behind them."""
    for one, two in itertools.product(SIGNS, repeat=2):
        for tail in TAILS:
            yield (one + two) * (LENGTH // 2) + tail


def long_texts() -> Iterator[str]:
    """Yield what the head of a request can hold of two signs, or of words that secrets stand behind."""
    for one, two in itertools.product((*SIGNS, "auth", "csrf", "token", "stage/", "://"), repeat=2):
        yield (one + two) * (LONGEST // len(one + two))


def main() -> None:
    """Try all of them on all of these, and what is written into the log on longer ones."""
    tried = list(texts())
    for name, pattern in patterns():
        print(name, flush=True)
        for text in tried:
            pattern.search(text)
            pattern.match(text)
    print("conductor.monitoring.logs.shorten", flush=True)
    for text in long_texts():
        logs.shorten(text)


if __name__ == "__main__":
    main()
