import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings

from conductor.storage import joined
from dashboard.assets.stylesheets import parts_of

STATIC = Path(settings.BASE_DIR) / "static"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
HTMX = STATIC / "vendor" / "htmx.org-4.0.1" / "htmx.min.js"
IMPORT = re.compile(r'^import (?:.*? from )?"(\.\.?/[\w/-]+\.js)";$', re.MULTILINE)
BUNDLE = re.compile(r'{% styles "(\w+)" %}')
LINKED = re.compile(r"""href="{% static '(css/[\w/-]+\.css)' %}\"""")
SCRIPT = re.compile(r"src=\"{% static '(js/[\w/-]+\.js|vendor/[^']+\.js)' %}\"")
BASES = {"dashboard": TEMPLATES / "base.html", "attendee": TEMPLATES / "attendee" / "base.html"}
# The live page is made of parts, each of which may bring a script of its own.
LIVE = [
    *sorted(
        path
        for folder in ("live", "modes", "pieces", "suggestion", "sheets")
        for path in (TEMPLATES / folder).glob("_*.html")
    ),
    TEMPLATES / "live/live.html",
]
PAGES = sorted(
    path
    for path in TEMPLATES.rglob("*.html")
    if path.parent not in {TEMPLATES, TEMPLATES / "api"}
    and "admin" not in path.parts
    and not path.name.startswith("_")
)


def packed(*paths):
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)


def scripts_of(*templates):
    """What a page made of these templates loads before anybody touches it."""
    named = [name for path in templates for name in SCRIPT.findall(path.read_text())]
    found, waiting = set(), [STATIC / name for name in named]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [(path.parent / name).resolve() for name in IMPORT.findall(path.read_text())]
    return found


def test_scripts_of_the_live_page_are_found():
    found = {path.name for path in scripts_of(BASES["dashboard"], *LIVE)}

    assert {"theme.js", "menus.js", "page.js", "score-chart.js", "page-beat.js", HTMX.name} <= found
    assert "tour.js" not in found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_scripts_of_every_page_are_light(path):
    most = 22 if path.parent.name in {"attendee", "screens"} else 35
    base = BASES["attendee" if most == 22 else "dashboard"]
    parts = LIVE if path == LIVE[-1] else [path]

    assert packed(*scripts_of(base, *parts)) < most * 1024


def styles_of(*templates):
    """What a page made of these templates loads, each file as it is served."""
    html = "\n".join(path.read_text() for path in templates)
    parts = [parts_of(name) for name in BUNDLE.findall(html)]
    parts += [(name,) for name in LINKED.findall(html)]
    return [joined((STATIC / name).read_text() for name in each) for each in parts]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_styles_of_every_page_are_light(path):
    base = next(each for each in (path.parent / "base.html", BASES["dashboard"]) if each.exists())

    sizes = [len(gzip.compress(text.encode(), 9)) for text in styles_of(base, path)]

    assert sum(sizes) < 12 * 1024


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_templates_have_nothing_that_the_policy_forbids(path):
    html = path.read_text()

    assert not re.search(r"\bstyle=|<style|\son\w+=|hx-on|javascript:|hx-vals=.js:", html)
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r"(?:src|href|action)=[\"']?(?:https?:)?//", html)


@pytest.mark.parametrize(
    "path", sorted((STATIC / "css").rglob("*.css")), ids=lambda path: path.name
)
def test_styles_stand_in_layers_and_load_nothing_from_elsewhere(path):
    css = path.read_text()

    assert "http" not in css
    assert "@import" not in css
    # Django's own styles have no layers, and what has none wins over what has one.
    assert "@layer" in css or "@font-face" in css or path.name == "admin.css"


@pytest.mark.parametrize(
    "path", sorted((STATIC / "css").rglob("*.css")), ids=lambda path: path.name
)
def test_young_units_and_texts_have_an_older_declaration_before_them(path):
    css = path.read_text()

    young = re.findall(r"([\w-]+): ([^;{}]*(?:\d[dsl]vh\b|\" / \")[^;{}]*);", css)
    for name, value in young:
        older = value.replace("dvh", "vh") if "dvh" in value else value.split(" / ")[0]
        assert f"{name}: {older}; {name}: {value};" in css


# --- contrast, recomputed from the tokens themselves

PAIRS = [
    (ink, ground, 4.5)
    for ground in ("bg", "surface", "sunken")
    for ink in ("ink", "ink-2", "ink-3", "accent")
]
PAIRS += [(tone, f"{tone}-soft", 4.5) for tone in ("good", "watch", "low")]
PAIRS += [(tone, "surface", 4.5) for tone in ("good", "watch", "low")]
PAIRS += [
    ("on-accent", "accent", 4.5),
    ("on-accent", "accent-hover", 4.5),
    ("accent", "accent-soft", 4.5),
]
PAIRS += [(f"{tone}-mark", "surface", 3.0) for tone in ("good", "watch", "low")]
PAIRS += [("line-strong", "surface", 3.0)]


def themes():
    css = (STATIC / "css" / "base" / "tokens.css").read_text()
    found = []
    for block in re.findall(r":root[^{]*\{([^}]*)\}", css):
        found.append(dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})\b", block)))
    return found


def luminance(colour):
    digits = colour.lstrip("#")
    digits = "".join(each * 2 for each in digits) if len(digits) == 3 else digits
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", range(3), ids=["light", "dark", "auto-dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_colours_have_enough_contrast(theme, ink, ground, least):
    tokens = themes()[theme]

    assert contrast(tokens[ink], tokens[ground]) >= least


def test_chosen_and_automatic_dark_are_the_same():
    assert themes()[1] == themes()[2]
