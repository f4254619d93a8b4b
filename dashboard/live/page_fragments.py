"""The parts of the live page, each one template and one element; those alike for all are made once."""

from collections.abc import Callable, Hashable
from typing import Any, Final

from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from dashboard.live.page import LivePage

CHANGING: Final = {
    # What is away, if anything is.
    "banner": "live/_banner.html",
    # The alert or the state, and the sentence.
    "headline": "live/_headline.html",
    # The number, its band, its word, its change.
    "score": "live/_score.html",
    # The four signal cards.
    "signals": "live/_signals.html",
    # What the score is made of.
    "parts": "live/_score_parts.html",
    # The suggestion's slot.
    "suggest": "suggestion/_slot.html",
    # Did it work?
    "outcomes": "live/_outcomes.html",
    # What happened.
    "feed": "live/_feed.html",
    # Who may send.
    "mode": "modes/_modes.html",
}
"""The parts of the live page that change, by the id of their element."""
_ALL: Final = {**CHANGING, "chart": "live/_chart.html"}
_ALIKE: Final[dict[str, Callable[[LivePage], Hashable]]] = {
    "score": lambda page: "",
    "signals": lambda page: "",
    "parts": lambda page: "",
    "outcomes": lambda page: "",
    "feed": lambda page: page.agent.face,
    "chart": lambda page: page.minutes,
}
"""Those that are the same for everybody who reads this language, and what else they depend on."""


def part(context: Context, name: str) -> SafeString:
    """Return a part of the page that `context` is of, as HTML. Raises KeyError for an unknown name."""
    page: LivePage = context["page"]
    if name not in _ALIKE:
        return _made(name, context)
    place = ("part", name, get_language(), _ALIKE[name](page))
    # Of whoever asks first nothing is in it: no request, no person, no token.
    bare = {"page": page, "session": page.session, "table_url": True}
    return page.shared.of(place, lambda: _made(name, Context(bare)))


def _made(name: str, context: Context) -> SafeString:
    template: Any = get_template(_ALL[name])
    # Of Django's own engine, whose answers are marked as safe.
    made: SafeString = template.template.render(context)
    return made
