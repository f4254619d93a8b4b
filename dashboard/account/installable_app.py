"""What makes the dashboard an app on a phone: its manifest, its worker, the page without a line."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET

WORKER: Final = Path(settings.BASE_DIR) / "static" / "worker" / "worker.js"
STYLES: Final = (
    "base/reset",
    "base/tokens",
    "base/font",
    "base/base",
    "base/layout",
    "base/controls",
)
PAPER: Final = "#f5f4f1"


@require_GET
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> JsonResponse:
    """How the app is called and drawn on a home screen."""
    icons = [
        _icon("app-192", 192),
        _icon("app-512", 512),
        _icon("app-maskable-512", 512, "maskable"),
    ]
    said = {
        "id": "/",
        "name": "Engagement Conductor",
        "short_name": "Conductor",
        "description": _("How the room is doing, and what would help."),
        "start_url": reverse("session-list"),
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": icons,
    }
    return JsonResponse(said, content_type="application/manifest+json")


def _icon(name: str, pixels: int, purpose: str = "any") -> dict[str, str]:
    size = f"{pixels}x{pixels}"
    return {
        "src": static(f"icons/{name}.png"),
        "sizes": size,
        "type": "image/png",
        "purpose": purpose,
    }


@require_GET
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, at the root so that it may serve every page; asked for anew each time."""
    shell = [reverse("offline"), static("icons/none.svg"), static("js/pages/theme.js")]
    shell += [static(f"css/{name}.css") for name in STYLES]
    shell.append(static("vendor/inter-5.3.0/inter-latin-wght-normal.woff2"))
    told = f"const SHELL = {json.dumps(shell)};\nconst WORDS = {json.dumps(_words())};\n"
    return HttpResponse(told + _worker(), content_type="text/javascript; charset=utf-8")


def _words() -> dict[str, Any]:
    return {
        "approve": _("Approve"),
        "open": _("Open"),
        "failed": _("This did not go through. Open it to see how it stands."),
        "icon": static("icons/app-192.png"),
        "badge": static("icons/app-badge.png"),
        "approvePath": reverse("phone-approve"),
    }


@lru_cache(maxsize=1)
def _worker() -> str:
    return WORKER.read_text(encoding="utf-8")


@never_cache
@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown without a connection: nothing of a person or a room."""
    return render(request, "phone/offline.html")
