"""The dashboard as an app: what Chromium says of it, and what it shows without a connection."""

from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from engagement.models import Organisation
from tests.browser.conftest import Visitors
from tests.browser.rooms import make_room
from tests.browser.server import Server
from tests.factories import make_event

READY = "navigator.serviceWorker.ready.then(() => true)"


def controlled(page: Page) -> None:
    """Wait until the worker serves this page."""
    page.evaluate(READY)
    page.wait_for_function("navigator.serviceWorker.controller !== null")


def test_chromium_finds_nothing_against_installing_it(
    visitors: Visitors, server: Server, host: User
) -> None:
    visitor = visitors.open(server, host, width=390, height=844)
    page = visitor.go("/")
    controlled(page)
    client = visitor.context.new_cdp_session(page)

    manifest = client.send("Page.getAppManifest")
    errors = client.send("Page.getInstallabilityErrors")["installabilityErrors"]

    assert manifest["errors"] == []
    # A private window, as each test has, is the one thing Chromium may hold against it.
    assert {each["errorId"] for each in errors} <= {"in-incognito"}
    assert visitor.complaints == []


def test_without_a_connection_a_page_says_so(
    visitors: Visitors, own_server: Server, host: User
) -> None:
    visitor = visitors.open(own_server, host, width=390, height=844)
    page = visitor.go("/")
    controlled(page)
    own_server.stop()

    page.goto(own_server.url + "/")

    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(245, 244, 241)"
    own_server.start()
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", name="Sessions")).to_be_visible()


def test_worker_keeps_no_page_of_a_person(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    session = make_room(make_event(organisation), "drop")
    page = visitors.open(server, host).go(reverse("session-live", args=[session.pk]))
    controlled(page)
    page.reload()

    kept = page.evaluate(
        "caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name)"
        ".then((cache) => cache.keys())))).then((all) => all.flat().map((r) => new URL(r.url).pathname))"
    )

    assert [path for path in kept if not path.startswith("/static/")] == ["/offline/"]
