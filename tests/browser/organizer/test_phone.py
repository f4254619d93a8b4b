"""The dashboard as an app: what Chromium says of it, and what it shows without a connection."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from engagement.models import Organisation, Session
from interventions.models import Intervention, PushKind, PushMessage
from interventions.notifications.push import events as push_events
from interventions.notifications.push.payloads import payload
from interventions.vocabulary.statuses import Status
from tests.browser.conftest import Visitors
from tests.browser.rooms import make_room
from tests.browser.server import Server
from tests.dashboard.agent_rooms import make
from tests.interventions.notifications.push.browsers import Browser
from tests.support.factories import make_event
from tests.support.waiting import eventually

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


# --- what is pushed, delivered by the browser itself as its push service would


class Pushed:
    """The worker of a page that may show notifications."""

    def __init__(self, visitors: Visitors, server: Server, user: User, path: str) -> None:
        self.visitor = visitors.open(server, user, width=390, height=844)
        self.visitor.context.grant_permissions(["notifications"], origin=server.url)
        self.page = self.visitor.go(path)
        controlled(self.page)
        self.client = self.visitor.context.new_cdp_session(self.page)
        self.registration = ""
        self.client.on("ServiceWorker.workerRegistrationUpdated", self._registered)
        self.client.send("ServiceWorker.enable")
        self.origin = server.url

    def _registered(self, told: dict[str, Any]) -> None:
        for each in told["registrations"]:
            self.registration = each["registrationId"]

    def push(self, message: bytes) -> None:
        """Deliver what our server would have sealed."""
        self.page.wait_for_timeout(100)
        self.client.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": self.origin, "registrationId": self.registration, "data": message.decode()},
        )

    def shown(self) -> list[list[str]]:
        """Return tag, title, words and actions of every notification that is shown."""
        found: list[list[str]] = self.page.evaluate(
            "navigator.serviceWorker.ready.then((it) => it.getNotifications()).then((all) =>"
            " all.map((n) => [n.tag, n.title, n.body, n.actions.map((a) => a.action).join()]))"
        )
        return found

    def shows(self, least: int, words: str) -> list[list[str]]:
        """Wait until so many are shown and the first says `words`."""
        return eventually(
            lambda: [each for each in self.shown() if words in each[2]][:least] or None,
            f"a notification says {words}",
        )

    def press(self, action: str) -> None:
        """Press a button of the notification that is shown."""
        [worker] = self.visitor.context.service_workers
        worker.evaluate(
            "(action) => self.registration.getNotifications().then(([notification]) =>"
            " self.dispatchEvent(new NotificationEvent('notificationclick', { notification, action })))",
            action,
        )


def asked(user: User, session: Session) -> tuple[Intervention, PushMessage]:
    """A suggestion that waits, and what this person's phone was sent of it."""
    Browser().subscribed(user, "https://push.example/send/abc")
    row = make(session, timezone.now())
    push_events.enqueue(row, timezone.now())
    return row, PushMessage.objects.select_related("intervention__session").get()


def test_suggestion_is_one_notification_that_is_replaced_when_it_is_over(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    session = make_room(make_event(organisation), "drop")
    row, message = asked(host, session)
    phone = Pushed(visitors, server, host, "/phone/")

    phone.push(payload(message))
    phone.push(payload(message))
    [ask] = phone.shows(1, "Suggestion:")
    message.kind = PushKind.OVER
    row.status = message.intervention.status = Status.EXPIRED
    phone.push(payload(message))
    [over] = phone.shows(1, "Expired. Nothing was sent.")

    assert ask[0] == over[0] == f"suggestion-{row.pk}"
    assert (ask[3], over[3]) == ("approve,open", "")
    assert len(phone.shown()) == 1


def test_approving_from_the_notification_needs_no_page_and_no_cookie(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    session = make_room(make_event(organisation), "drop")
    row, message = asked(host, session)
    phone = Pushed(visitors, server, host, "/phone/")
    phone.push(payload(message))
    phone.shows(1, "Suggestion:")
    phone.visitor.context.clear_cookies()

    phone.press("approve")

    phone.shows(1, "Approved. It goes out in a few seconds.")
    row.refresh_from_db()
    assert (row.status, row.approved_by) == (Status.APPROVED, host)


def test_end_of_what_is_not_shown_shows_nothing(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    _row, message = asked(host, make_room(make_event(organisation), "drop"))
    phone = Pushed(visitors, server, host, "/phone/")
    message.kind = PushKind.OVER

    phone.push(payload(message))
    phone.page.wait_for_timeout(300)

    assert phone.shown() == []


def test_nothing_is_asked_before_a_click(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    make_room(make_event(organisation), "drop")
    visitor = visitors.open(server, host, width=390, height=844)
    visitor.context.add_init_script(
        "window.asked = 0; Notification.requestPermission = async () => { window.asked += 1;"
        " return 'denied'; }"
    )
    page = visitor.go("/phone/")
    controlled(page)

    before = page.evaluate("window.asked")
    page.get_by_role("button", name="Allow notifications").click()
    expect(page.locator("#phone-said")).to_contain_text("Notifications are blocked")

    assert (before, page.evaluate("window.asked")) == (0, 1)
    assert visitor.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_page_of_the_phone_is_accessible(
    visitors: Visitors, server: Server, host: User, theme: str, width: int
) -> None:
    visitor = visitors.open(server, host, width=width, height=844, theme=theme)
    visitor.go("/phone/")

    assert visitor.axe() == []
