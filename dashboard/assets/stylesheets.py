"""Stylesheets that pages load together: one file where they are collected, each by itself before."""

from typing import Final

_BASE: Final = ("reset", "tokens", "base", "controls")

BUNDLES: Final = {
    "page": ("reset", "tokens", "font", "base", "layout", "controls"),
    "live": (
        "live", "banner", "headline", "score", "chart", "signals", "parts", "suggest", "outcomes",
        "feed", "mode", "sheet", "decision",
    ),
    "attendee": (*_BASE, "attendee", "attendee-card"),
}  # fmt: skip
"""The files in static/css/ of each bundle, in the order of the cascade."""


def path_of(bundle: str) -> str:
    """Return the name of a bundle among static files; beside its parts, so that addresses hold."""
    return f"css/all-{bundle}.css"


def parts_of(bundle: str) -> tuple[str, ...]:
    """Return the names of a bundle's files among static files."""
    return tuple(f"css/{name}.css" for name in BUNDLES[bundle])
