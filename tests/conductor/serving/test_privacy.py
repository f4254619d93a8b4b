"""Nothing private is kept on the way, pages get no devices, and sockets answer to our hosts alone."""

import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from conductor.asgi import application
from engagement.models import ApiKey, Organisation
from engagement.organisations.api_keys import digest
from tests.support.factories import make_event, make_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def paths(organisation: Organisation) -> list[str]:
    session = make_session(make_event(organisation))
    return [
        "/", "/login/", "/j/", f"/j/{session.code}", f"/embed/{session.code}", "/no-such-page/",
        f"/sessions/{session.pk}/", f"/sessions/{session.pk}/about/", f"/sessions/{session.pk}/report/",
        f"/sessions/{session.pk}/edit/", f"/sessions/{session.pk}/sources/", "/admin/login/",
        "/api/v1/sessions/", f"/api/v1/sessions/{session.pk}/",
        f"/api/v1/sessions/{session.pk}/exports/questions.csv",
        f"/api/v1/sessions/{session.pk}/exports/votes.xlsx", "/api/v1/schema/",
    ]  # fmt: skip


def test_no_cache_on_the_way_may_keep_what_is_somebodys(owner: User, paths: list[str]) -> None:
    client = Client()
    client.force_login(owner)

    answers = {path: client.get(path) for path in paths}

    kept = {path: answer["Cache-Control"] for path, answer in answers.items()}
    assert [path for path, words in kept.items() if "no-store" not in words] == []
    assert [
        p for p, answer in answers.items() if "camera=()" not in answer["Permissions-Policy"]
    ] == []


def test_answers_to_keys_are_kept_nowhere(organisation: Organisation, paths: list[str]) -> None:
    ApiKey.objects.create(
        organisation=organisation, name="console", digest=digest("ec_key"), can_read=True
    )
    answers = {
        path: Client().get(path, HTTP_AUTHORIZATION="Bearer ec_key")
        for path in paths
        if path.startswith("/api/")
    }

    assert {answer.status_code for answer in answers.values()} == {200}
    assert [path for path, each in answers.items() if "no-store" not in each["Cache-Control"]] == []


def test_script_that_sites_embed_may_be_kept(organisation: Organisation) -> None:
    assert "public" in Client().get("/embed.js")["Cache-Control"]


@pytest.mark.parametrize(
    ("host", "is_open"),
    [
        (b"rooms.example.org", True), (b"ROOMS.example.org:443", True), (b"localhost:8000", True),
        (b"evil.example", False), (b"rooms.example.org.evil.example", False), (b"", True),
        (b"rooms.example.org@evil.example", False), (b"[::2]:8000", False),
    ],
)  # fmt: skip
@pytest.mark.django_db(transaction=True)
async def test_socket_is_refused_at_a_host_that_is_none_of_ours(
    web, settings: Settings, host: bytes, is_open: bool
) -> None:
    settings.ALLOWED_HOSTS = ["rooms.example.org", "localhost"]
    headers = [(b"host", host)] if host else []
    socket = WebsocketCommunicator(application, "/ws/attend/1/?client=a", headers=headers)

    accepted, code = await socket.connect(5)
    await socket.disconnect()

    assert (accepted, code if not accepted else None) == (is_open, None if is_open else 4403)
