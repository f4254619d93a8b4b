"""Static files as production collects them, and what a page waits for before its first paint."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import reverse

from engagement.models import Session
from tests.support.factories import make_event, make_session

LINK = re.compile(r'<link rel="stylesheet" href="([^"]+)">')
SCRIPT = re.compile(r'<script (?!type="module"|defer)[^>]*src="([^"]+)"')


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Collect as `manage.py up` does."""
    root = tmp_path_factory.mktemp("static")
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "conductor.storage.ModuleStorage"},
    }
    with override_settings(STATIC_ROOT=root, STORAGES=storages):
        call_command("collectstatic", interactive=False, verbosity=0)
        yield root


@pytest.fixture
def session(organisation: Any) -> Session:
    return make_session(make_event(organisation))


def awaited(html: str, root: Path) -> list[Path]:
    """Return the compressed files that a page waits for before it paints."""
    addresses = [*LINK.findall(html), *SCRIPT.findall(html)]
    names = [urlsplit(each).path.removeprefix(settings.STATIC_URL) for each in addresses]
    return [root / f"{name}.gz" for name in names]


def test_bundle_is_its_parts_in_order_without_comments(collected: Path) -> None:
    text = (collected / "css/bundles/page.css").read_text()

    assert text.index("@layer reset") < text.index("--accent") < text.index(".btn")
    assert "/*" not in text


def test_modules_import_each_other_by_the_names_that_carry_a_hash(collected: Path) -> None:
    live = next(collected.glob("js/live/page.*.js")).read_text()
    named = re.findall(r"""["'](\.\.?/[\w/.-]+\.js)["']""", live)

    assert len(named) > 5
    assert any(name.startswith("./tour.") for name in named), "those that are loaded later too"
    assert all((collected / "js/live" / name).exists() for name in named)
    assert all(re.fullmatch(r"\.\.?/[\w/-]+\.[0-9a-f]{12}\.js", name) for name in named)


@pytest.mark.django_db
def test_attendee_page_waits_for_one_small_file(
    client: Client, session: Session, collected: Path
) -> None:
    door = reverse("attendee", args=[session.code])
    client.post(door, {"name": "Ada"})

    html = client.get(door).content

    assert b'id="room"' in html
    files = awaited(html.decode(), collected)
    assert len(files) == 1
    # What fits into ten packets comes in the first round trip of a connection.
    assert files[0].stat().st_size < 10 * 1460
    assert len(gzip.compress(html)) < 10 * 1460


@pytest.mark.django_db
def test_live_page_waits_for_two_stylesheets_and_the_theme(
    client: Client, session: Session, owner: Any, collected: Path
) -> None:
    client.force_login(owner)

    html = client.get(reverse("session-live", args=[session.pk])).content

    files = awaited(html.decode(), collected)
    assert len(files) == 3
    assert sum(path.stat().st_size for path in files) < 20 * 1024


@pytest.mark.django_db
def test_pages_are_compressed_for_whoever_can_read_that(client: Client, session: Session) -> None:
    plain = client.get(reverse("attendee", args=[session.code]))

    packed = client.get(
        reverse("attendee", args=[session.code]), headers={"accept-encoding": "gzip"}
    )

    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(plain.content)
