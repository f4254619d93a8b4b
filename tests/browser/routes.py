"""Answer a page's requests in the server's place."""

from collections.abc import Callable
from re import Pattern
from typing import Any

from playwright.sync_api import Page, Route

from tests.support.waiting import eventually

ASKED = "/is-it-intercepted"
"""An address that no server of ours has."""


def intercept(page: Page, address: str | Pattern[str], answer: Callable[[Route], Any]) -> None:
    """Let `answer` say what the page hears from `address`, from now on.

    Chromium tells a page that is open already only after it has said that it did: on a busy machine a
    click that follows at once still reached the server (seen once in CI). So the page asks until it is
    not the server that answers. The page must have no service worker (`Visitors.open`): through one its
    requests would reach the server.
    """
    page.route(address, answer)
    page.route(f"**{ASKED}", lambda route: route.fulfill(status=204))
    asks = f"fetch('{ASKED}').then((answer) => answer.status)"
    eventually(lambda: page.evaluate(asks) == 204, "the page's requests are answered here")
    page.unroute(f"**{ASKED}")
