"""Stylesheets that pages load together: one file where they are collected, each by itself before."""

from typing import Final

_BASE: Final = ("base/reset", "base/tokens", "base/base", "base/controls")

BUNDLES: Final = {
    "page": ("base/reset", "base/tokens", "base/font", "base/base", "base/layout", "base/controls"),
    "live": (
        "live/grid", "live/banner", "live/headline", "live/score", "live/chart", "live/signals",
        "live/parts", "live/suggestion", "live/outcomes", "live/feed", "live/mode", "live/sheet",
        "live/decision",
    ),
    "attendee": (*_BASE, "attendee/page", "attendee/card"),
}  # fmt: skip
"""The files in static/css/ of each bundle, in the order of the cascade."""


def path_of(bundle: str) -> str:
    """Return the name of a bundle among static files; as deep as its parts, so that addresses hold."""
    return f"css/bundles/{bundle}.css"


def parts_of(bundle: str) -> tuple[str, ...]:
    """Return the names of a bundle's files among static files."""
    return tuple(f"css/{name}.css" for name in BUNDLES[bundle])
