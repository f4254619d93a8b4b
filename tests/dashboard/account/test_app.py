import json
import re
import struct
from pathlib import Path

import pytest
from django.conf import settings

ICONS = Path(settings.BASE_DIR) / "static" / "icons"


def size_of(png):
    """Width and height from the header of a PNG."""
    head = png.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", head[16:24])


def test_manifest_names_icons_that_are_there_and_as_large_as_it_says(client):
    response = client.get("/manifest.webmanifest")

    said = response.json()
    assert response.headers["Content-Type"] == "application/manifest+json"
    assert (said["start_url"], said["scope"], said["display"]) == ("/", "/", "standalone")
    for icon in said["icons"]:
        width, height = size_of(ICONS / Path(icon["src"]).name)
        assert icon["sizes"] == f"{width}x{height}"
    assert {icon["purpose"] for icon in said["icons"]} == {"any", "maskable"}


def test_worker_stands_at_the_root_and_is_asked_for_anew(client):
    response = client.get("/sw.js")

    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"


def test_worker_keeps_the_offline_page_and_what_it_needs_and_nothing_else(client):
    told = client.get("/sw.js").content.decode()
    page = client.get("/offline/").content.decode()

    shell = json.loads(re.match(r"const SHELL = (\[.*?\]);", told)[1])
    needed = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert shell[0] == "/offline/"
    assert set(needed) <= set(shell)
    assert all(url.startswith("/static/") for url in shell[1:])


def test_offline_page_says_that_the_agent_goes_on(client):
    html = client.get("/offline/").content.decode()

    assert "You are offline" in html
    assert "The agent keeps running on the server." in html
    assert not client.cookies


@pytest.mark.django_db
def test_pages_of_organizers_name_the_manifest_and_those_of_attendees_do_not(client, owner):
    client.force_login(owner)

    assert 'rel="manifest"' in client.get("/").content.decode()
    assert 'rel="manifest"' not in client.get("/j/").content.decode()
