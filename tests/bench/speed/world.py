"""One live session with attendees, a key and an organizer, on servers of the bench's own."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.test import Client

from engagement.models import Membership, Role
from engagement.organisations import api_keys
from engagement.sessions.attendee_tokens import Pass, issue
from tests.support.factories import make_event, make_organisation, make_session, make_user

PEOPLE = 1_000


@dataclass
class World:
    """Where everything is, and who is in it."""

    folder: Path
    valkey_pid: int
    postgres_pid: int
    session_id: int = 0
    attendee_paths: list[str] = field(default_factory=list)
    key: str = ""
    cookie: str = ""

    def file(self, name: str, text: str) -> str:
        """Write a file for the load generator; return its path."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)


def made(folder: Path) -> World:
    """Migrate the empty database in the folder and fill it."""
    world = World(
        folder,
        _pid(folder / "valkey" / "pid"),
        _pid(next((folder / "postgres").rglob("postmaster.pid"))),
    )
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    organisation = make_organisation()
    session = make_session(make_event(organisation))
    world.session_id = session.pk
    world.key = api_keys.make_key(organisation, "bench")[1]
    owner = make_user("bench")
    Membership.objects.create(organisation=organisation, user=owner, role=Role.OWNER)
    client: Any = Client()
    client.force_login(owner)
    name = settings.SESSION_COOKIE_NAME
    world.cookie = f"{name}={client.cookies[name].value}"
    world.attendee_paths = [
        f"/ws/attend/{session.pk}/?client=bench&token={issue(Pass(session.pk, n, True))}"
        for n in range(1, PEOPLE + 1)
    ]
    return world


def _pid(path: Path) -> int:
    return int(path.read_text(encoding="ascii").split()[0])
