"""Deployments behind real proxies: people sign in, join and talk through each; whoever set one up
wrongly is told which setting it is.
"""

import http.client
import json
import ssl
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.contrib.auth.models import User
from playwright.sync_api import Browser, BrowserContext, Page, expect

from engagement.models import Organisation, Session
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.proxies import MISSING, NAME, Proxy, caddy, nginx, ours
from tests.browser.server import Server
from tests.support.factories import make_event, make_session

if MISSING:
    REASON = f"NO {' AND '.join(MISSING).upper()}: the deployments are NOT TESTED"
    warnings.warn(pytest.PytestWarning(REASON), stacklevel=1)
    pytestmark = [pytest.mark.skip(reason=REASON)]


class Deployment:
    """A web process and the proxies before it, the outermost last; `url` is what people type."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.proxies: list[Proxy] = []
        self.server = Server(
            folder / "web.log", DJANGO_SETTINGS_MODULE="tests.browser.proxied_settings"
        )
        self.url = ""

    def before(self, make: Callable[..., Proxy], **options: str) -> "Deployment":
        """Put a proxy before what stands there."""
        behind = self.proxies[-1].port if self.proxies else self.server.port
        made = make(self.folder / f"proxy-{len(self.proxies)}", behind, **options)
        self.proxies.append(made)
        self.url = f"https://{NAME}:{made.port}"
        return self

    def start(self, **environment: str) -> "Deployment":
        """Start the web process with these settings."""
        self.server.environment |= environment
        self.server.start()
        return self

    def stop(self) -> None:
        for each in [*self.proxies, self.server]:
            each.stop()

    def log(self) -> str:
        return self.server.log.read_text()


@pytest.fixture
def deployed(tmp_path: Path, transactional_db: None) -> Iterator[Deployment]:
    made = Deployment(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def outside(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser that finds the name of the deployment on this machine, and takes its certificate."""
    browser = chromium.browser_type.launch(
        executable_path=str(CHROMIUM),
        args=[*ARGUMENTS, f"--host-resolver-rules=MAP {NAME} 127.0.0.1"],
    )
    yield browser.new_context(ignore_https_errors=True, locale="en-GB")
    browser.close()


@pytest.fixture
def session(organisation: Organisation) -> Session:
    return make_session(make_event(organisation))


SHAPES = {
    "nginx": (nginx,), "caddy": (caddy,), "nginx and the product's": (ours, nginx),
    "caddy and the product's": (ours, caddy),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_people_sign_in_join_and_talk(
    deployed: Deployment, outside: BrowserContext, owner: User, session: Session,
    valkey: "redis.Redis", shape: str,
) -> None:  # fmt: skip
    for make in SHAPES[shape]:
        deployed.before(make)
    deployed.start(PUBLIC_URL=deployed.url, TRUSTED_PROXIES=str(len(deployed.proxies)))

    signs_in(outside.new_page(), deployed.url, session)
    joins_and_talks(outside.new_page(), deployed.url, session)

    kept = {cookie["name"]: cookie["secure"] for cookie in outside.cookies()}
    assert kept[settings.SESSION_COOKIE_NAME] is True
    assert kept["conductor_csrf"] is True
    assert kept[f"pass-{session.pk}"] is True
    assert client_seen(deployed, valkey) == "127.0.0.2"


def signs_in(page: Page, url: str, session: Session) -> None:
    """By the form, and then the live page has its socket."""
    page.goto(f"{url}/login/")
    page.get_by_label("User name").fill("alice")
    page.get_by_label("Password").fill("correct horse")
    with page.expect_websocket() as socket:
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(f"{url}/")
        page.goto(f"{url}/sessions/{session.pk}/")
    socket.value.wait_for_event("framereceived")


def joins_and_talks(page: Page, url: str, session: Session) -> None:
    page.goto(f"{url}/j/{session.code}")
    page.get_by_role("button", name="Join").click()
    expect(page.locator("#line-text")).to_contain_text("You are in")
    page.get_by_label("Say something").fill("Good morning")
    page.keyboard.press("Enter")
    expect(page.locator("#said small")).to_contain_text("sent")


def client_seen(deployed: Deployment, valkey: "redis.Redis") -> str:
    """Return whom the API takes for its caller: asked from 127.0.0.2 by somebody who claims more."""
    status, _ = ask(deployed, "/api/v1/nothing/", {"X-Forwarded-For": "6.6.6.6"})
    assert status == 404
    [name] = valkey.keys("throttle:Unknown:GET:*")
    return name.decode().rpartition(":")[2]


def ask(
    deployed: Deployment, path: str, headers: dict[str, str] | None = None, host: str | None = None
) -> tuple[int, str]:
    """Ask the outermost proxy from 127.0.0.2; return status and body."""
    port = deployed.proxies[-1].port
    trusting = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection(
        NAME, port, timeout=20, context=trusting, source_address=("127.0.0.2", 0)
    )
    made = connection._create_connection  # type: ignore[attr-defined]
    connection._create_connection = lambda _, *rest: made(("127.0.0.1", port), *rest)  # type: ignore[attr-defined]
    try:
        connection.request(
            "GET", path, headers={"Host": host or f"{NAME}:{port}", **(headers or {})}
        )
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_product_s_proxy_alone_serves_a_trial(
    deployed: Deployment, outside: BrowserContext, owner: User, session: Session,
    valkey: "redis.Redis",
) -> None:  # fmt: skip
    deployed.before(ours).start(TRUSTED_PROXIES="1")
    url = f"http://localhost:{deployed.proxies[-1].port}"

    signs_in(outside.new_page(), url, session)
    joins_and_talks(outside.new_page(), url, session)

    assert not any(cookie["secure"] for cookie in outside.cookies())


def test_product_s_proxy_speaks_https_by_itself(
    deployed: Deployment, outside: BrowserContext, owner: User, session: Session
) -> None:
    deployed.before(ours, site="localhost")
    url = f"https://localhost:{deployed.proxies[-1].port}"
    deployed.start(TRUSTED_PROXIES="1", PUBLIC_URL=url)

    signs_in(outside.new_page(), url, session)
    joins_and_talks(outside.new_page(), url, session)

    assert all(cookie["secure"] for cookie in outside.cookies())


# --- set up wrongly


HOST = "proxy_set_header Host $http_host;"
PROTO = "proxy_set_header X-Forwarded-Proto $scheme;"


def test_dropped_host_does_no_harm_where_the_address_is_known(
    deployed: Deployment, outside: BrowserContext, owner: User, session: Session
) -> None:
    deployed.before(nginx, without=HOST)
    deployed.start(PUBLIC_URL=deployed.url, TRUSTED_PROXIES="1", ALLOWED_HOSTS="conductor")

    signs_in(outside.new_page(), deployed.url, session)
    joins_and_talks(outside.new_page(), deployed.url, session)


def test_dropped_scheme_does_no_harm_where_the_address_is_known(
    deployed: Deployment, outside: BrowserContext, owner: User, session: Session
) -> None:
    deployed.before(nginx, without=PROTO)
    deployed.start(PUBLIC_URL=deployed.url, TRUSTED_PROXIES="1")

    signs_in(outside.new_page(), deployed.url, session)
    joins_and_talks(outside.new_page(), deployed.url, session)

    assert all(cookie["secure"] for cookie in outside.cookies())


def test_host_that_a_proxy_made_up_is_told(deployed: Deployment) -> None:
    deployed.before(nginx, without=HOST).start()

    status, page = ask(deployed, "/login/")

    assert status == 400
    for said in (page, deployed.log()):
        assert "does not answer to the host" in said
        assert "ALLOWED_HOSTS" in said
        assert "PUBLIC_URL" in said


@pytest.mark.parametrize(
    ("settings", "without", "named"),
    [
        ({"ALLOWED_HOSTS": NAME}, "", "BEHIND_TLS_PROXY=1"),
        ({"ALLOWED_HOSTS": "conductor"}, HOST, "set PUBLIC_URL=https://rooms.example.org"),
        ({"ALLOWED_HOSTS": NAME, "BEHIND_TLS_PROXY": "1"}, PROTO, "X-Forwarded-Proto"),
    ],
)
def test_form_that_a_proxy_spoils_says_which_setting(
    deployed: Deployment, outside: BrowserContext, owner: User, session: Session,
    settings: dict[str, str], without: str, named: str,
) -> None:  # fmt: skip
    deployed.before(nginx, without=without).start(**settings)
    page = outside.new_page()

    page.goto(f"{deployed.url}/login/")
    page.get_by_label("User name").fill("alice")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("main")).to_contain_text(named)
    page.goto(f"{deployed.url}/j/{session.code}")
    page.get_by_role("button", name="Join").click()

    expect(page.locator("main")).to_contain_text("Please tell the organizers")
    assert named in deployed.log()


def test_socket_that_a_proxy_spoils_says_which_setting(
    deployed: Deployment, outside: BrowserContext, owner: User, session: Session
) -> None:
    deployed.before(nginx, without=HOST).start(ALLOWED_HOSTS="conductor")
    page = outside.new_page()
    page.goto(f"{deployed.url}/login/")

    refused = page.evaluate(
        "id => new Promise(done => { const s = new WebSocket(`/ws/attend/${id}/?token=x`.replace("
        "/^/, location.origin.replace('http', 'ws'))); s.onclose = () => done(true); })",
        session.pk,
    )

    assert refused
    assert "set PUBLIC_URL to it, or let the proxy hand on Host" in deployed.log()


@pytest.mark.parametrize(("count", "said"), [("0", "everybody behind it"), ("3", "make up their")])
def test_wrong_count_of_proxies_is_told(deployed: Deployment, count: str, said: str) -> None:
    deployed.before(nginx)
    deployed.start(PUBLIC_URL=deployed.url, TRUSTED_PROXIES=count)

    ask(deployed, "/login/")

    assert said in deployed.log()


@pytest.mark.parametrize("path", ["/health", "/health/ready", "/health/detailed", "/metrics"])
@pytest.mark.parametrize("host", ["10.1.2.3", "10.1.2.3:8000", "web-7f.cluster.local", "_"])
def test_probe_by_address_is_answered(deployed: Deployment, path: str, host: str) -> None:
    deployed.start(PUBLIC_URL=f"https://{NAME}")
    connection = http.client.HTTPConnection("127.0.0.1", deployed.server.port, timeout=20)

    connection.request("GET", path, headers={"Host": host})

    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status in {200, 503}
    assert body.startswith(b"#") or "status" in json.loads(body)
