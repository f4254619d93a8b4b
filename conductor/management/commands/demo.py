"""`manage.py demo`: something to look at."""

import json
import os
import secrets
from argparse import SUPPRESS, ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from conductor.devtools.demo_agenda import ROUND
from conductor.devtools.signal_feed import server_url
from engagement.models import Event, Organisation, Session, SessionStatus
from engagement.sessions import services
from engagement.vocabulary.modes import Mode
from interventions.audience.chat import settings as chat_settings
from interventions.models import AgentSettings, ChatMode

BRIEF = (
    "How to build software agents that people can trust: what they may do alone, what they ask "
    "for, and how to measure whether they helped."
)
# A demo is looked at for minutes, not for hours: less waiting between what it does.
LIMITS = {"quiet_start_seconds": 60, "gap_seconds": 120, "per_hour": 12}
USERNAME = "demo"


class Command(BaseCommand):
    help = (
        "Make the demo organisation with a login and a live demo session, and print where to look. "
        "Run again it keeps the login and starts a new demo session when the last one has ended or is "
        "older than two hours."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--url",
            help="address of the server, for the printed links (default: PUBLIC_URL, or the "
            "server that `manage.py up` runs here)",
        )
        # Said by `manage.py up --demo` alone, whose servers are this machine's own.
        parser.add_argument("--with-admin", action="store_true", help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing and print where to look."""
        if options["with_admin"] and not settings.EMBEDS_POSTGRES:
            raise CommandError(
                "A demo login for the administration is made on embedded servers only."
            )
        with transaction.atomic():
            password = self._login(with_admin=options["with_admin"])
            session = self._session()
        url = (options["url"] or _server()).rstrip("/")
        self.stdout.write(
            f"\n  Live page   {url}/sessions/{session.pk}/\n"
            f"  Join        {url}/j/{session.code}\n"
            + (f"  Admin       {url}/admin/\n" if options["with_admin"] else "")
            + f"  Log in as   {USERNAME}   password   {password}\n"
        )

    def _login(self, *, with_admin: bool) -> str:
        """Return the demo login's password; it is kept in the data folder, readable by its owner."""
        file: Path = settings.CONDUCTOR_HOME / "demo-login.json"
        user = User.objects.filter(username=USERNAME).first()
        kept = _kept_password(file)
        if user is not None and kept is not None:
            return kept if user.check_password(kept) else "as you changed it"
        password = secrets.token_urlsafe(9)
        if user is None:
            user = User.objects.create_user(
                USERNAME, "demo@example.org", password, is_staff=with_admin, is_superuser=with_admin
            )
        user.set_password(password)
        user.save(update_fields=["password"])
        file.touch(mode=0o600)
        os.chmod(file, 0o600)
        file.write_text(json.dumps({"username": USERNAME, "password": password}), encoding="utf-8")
        return password

    def _session(self) -> Session:
        now = timezone.now()
        user = User.objects.get(username=USERNAME)
        organisation = Organisation.objects.filter(memberships__user=user).order_by("pk").first()
        if organisation is None:
            organisation = services.create_organisation(name="Demo organisation", owner=user)
        event, _ = Event.objects.get_or_create(
            organisation=organisation, title="Summit 2026 (demo)"
        )
        for old in Session.objects.filter(is_demo=True, status=SessionStatus.LIVE):
            if old.started_at is not None and (now - old.started_at).total_seconds() < 7200:
                return old
            services.end_session(session=old, now=now)
        session = Session.objects.create(
            event=event, title="Designing agents people trust", room="Main stage", brief=BRIEF,
            agenda=ROUND, expected_size=260, is_demo=True, agent_mode=Mode.SEMI_AUTO,
        )  # fmt: skip
        # Nobody is harmed who is made up, and Auto is to show something.
        AgentSettings.objects.create(
            session=session, limits=LIMITS, expiry_seconds=180, explores=True
        )
        # Its audience is made up and comes by the door of platforms.
        chat_settings.set_for_session(session, ChatMode.OPEN, True, now)
        services.start_session(session=session, now=now)
        return session


def _server() -> str:
    try:
        return server_url(None)
    except CommandError:  # nothing runs here yet; the links hold for when it does
        return f"http://localhost:{settings.PORT or 8000}"


def _kept_password(file: Path) -> str | None:
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["password"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
