"""A real Chromium, a real server, a room to look at."""

import json
import os
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from engagement.models import Organisation
from tests.browser.server import Server
from tests.support.waiting import eventually

CHROMIUM = Path(shutil.which("chromium") or "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--font-render-hinting=none",
]
PATIENT_MS = 60_000
"""How long a test waits for what should be there: the tests share two cores with two other runs, and
how fast something is, is not what they are about. Who waits for the page's own time has its clock."""
expect.set_options(timeout=PATIENT_MS)
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is here; skip it loudly where there is no browser."""
    here = [item for item in items if "tests/browser/" in str(item.path).replace(os.sep, "/")]
    for item in here:
        item.add_marker(pytest.mark.browser)
    if here and not CHROMIUM.exists():
        reason = f"NO BROWSER: {CHROMIUM} is missing, so {len(here)} browser tests are SKIPPED"
        warnings.warn(pytest.PytestWarning(reason), stacklevel=1)
        for item in here:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    # Playwright's loop runs in this thread; Django would refuse every query for it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    served = Server(tmp_path_factory.mktemp("server") / "web.log")
    served.start()
    yield served
    served.stop()


@pytest.fixture
def own_server(transactional_db: None, tmp_path: Path) -> Iterator[Server]:
    """A server that a test may kill."""
    served = Server(tmp_path / "web.log")
    served.start()
    yield served
    served.stop()


class Visitor:
    """A browser of one person; remembers what the page complained about."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.context = context
        self.base = base
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))

    def _heard(self, message: object) -> None:
        text = str(getattr(message, "text", ""))
        if getattr(message, "type", "") in {"error", "warning"}:
            self.complaints.append(text)

    def go(self, path: str) -> Page:
        """Open a page of the product and wait until it is quiet."""
        self.page.goto(self.base + path, wait_until="load")
        return self.page

    def axe(self) -> list[str]:
        """Return what axe finds wrong, one line per rule and node."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(Path(AXE_FILE_PATH).read_text())
        options = json.dumps({"runOnly": {"type": "tag", "values": AXE_TAGS}})
        result = self.page.evaluate(f"axe.run(document, {options})")
        return [
            f"{found['id']}: {node['target']} {node.get('failureSummary', '')}"
            for found in result["violations"]
            for node in found["nodes"]
        ]


def sign_in(context: BrowserContext, base: str, user: User) -> None:
    """Give the browser the cookie that the sign-in page would have given it."""
    store = SessionStore()
    store["_auth_user_id"] = str(user.pk)
    store["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    store["_auth_user_hash"] = user.get_session_auth_hash()
    store.save()
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": str(store.session_key), "url": base}]
    )


@pytest.fixture
def visitors(chromium: Browser, transactional_db: None) -> Iterator["Visitors"]:
    made = Visitors(chromium)
    yield made
    made.close()


class Visitors:
    """Opens browsers of people and closes them at the end."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.language = "en-GB"
        self.contexts: list[BrowserContext] = []

    def open(
        self,
        server: Server,
        user: User | None = None,
        *,
        width: int = 1440,
        height: int = 900,
        theme: str = "light",
        script: bool = True,
        worker: bool = True,
    ) -> Visitor:
        """Open a browser of its own; without `worker` no service worker stands between page and server.

        What passes through one is not seen by `tests.browser.routes`, from the moment on in which it has
        taken over: soon on an idle machine, later on a busy one.
        """
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
            java_script_enabled=script,
            locale=self.language,
            service_workers="allow" if worker else "block",
        )
        context.set_default_timeout(PATIENT_MS)
        self.contexts.append(context)
        if user is not None:
            sign_in(context, server.url, user)
        return Visitor(context, server.url)

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        # What a page has asked for is still being answered; emptying the tables would wait for it,
        # and it for the emptying.
        eventually(is_quiet, "the server has answered everything", seconds=60)


def is_quiet() -> bool:
    """Whether no other connection is in the middle of something, looked at a few times."""
    with connection.cursor() as cursor:
        for _ in range(3):
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            if cursor.fetchone() != (0,):
                return False
            cursor.execute("SELECT pg_sleep(0.05)")
    return True


@pytest.fixture
def host(transactional_db: None, organisation: Organisation, owner: User) -> User:
    """An owner, named as people are."""
    owner.first_name, owner.last_name = "Mara", "Reyes"
    owner.save(update_fields=["first_name", "last_name"])
    return owner
