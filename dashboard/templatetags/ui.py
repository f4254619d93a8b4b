"""Icons and numbers as the pages write them."""

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import Final
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from dashboard.assets import stylesheets
from dashboard.audience.joining import spaced
from dashboard.page_data.activity_feed import Entry
from dashboard.wording import numerals, sentences
from dashboard.wording import steps as steps_wording

register = template.Library()
SPRITE: Final = Path("static/vendor/lucide-1.62.0/sprite.svg")
_SVG: Final = "{http://www.w3.org/2000/svg}"


@register.simple_tag
def styles(bundle: str) -> SafeString:
    """Link the stylesheets of a bundle: as one file where they were collected into one."""
    is_one = getattr(staticfiles_storage, "makes_bundles", False)
    names = (stylesheets.path_of(bundle),) if is_one else stylesheets.parts_of(bundle)
    links = ((static(name),) for name in names)
    return format_html_join("\n  ", '<link rel="stylesheet" href="{}">', links)


@lru_cache(maxsize=1)
def _sprite() -> dict[str, str]:
    """The drawings of the sprite by name, as markup."""
    ElementTree.register_namespace("", _SVG[1:-1])
    root = ElementTree.parse(Path(settings.BASE_DIR) / SPRITE).getroot()  # noqa: S314
    return {
        symbol.attrib["id"]: "".join(
            ElementTree.tostring(child, encoding="unicode").replace(
                ' xmlns="http://www.w3.org/2000/svg"', ""
            )
            for child in symbol
        )
        for symbol in root.iter(f"{_SVG}symbol")
    }


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """Draw an icon of the sprite inline; it is decoration, the words stand beside it."""
    return format_html(
        '<svg class="i {}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>',
        extra,
        mark_safe(_sprite()[name]),  # noqa: S308 - a file of our own repository
    )


@register.filter
def signed(value: int | None) -> str:
    """Write a change: +3, −31 (a real minus), 0; a dash where there is none."""
    return "–" if value is None else numerals.signed(value)


@register.filter
def direction(points: int | None) -> str:
    """Which way a card pulls, as a class."""
    return "down" if points and points < 0 else "up" if points and points > 0 else ""


@register.filter
def clock(moment: dt.datetime | int, zone: ZoneInfo | str) -> str:
    """Write a time of day, 10:41, in a time zone; a whole number is ms since the epoch."""
    if isinstance(moment, int):
        moment = dt.datetime.fromtimestamp(moment / 1000, dt.UTC)
    return moment.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone).strftime("%H:%M")


@register.filter
def day_clock(moment: dt.datetime, zone: ZoneInfo | str) -> str:
    """Write a day and a time of day, 3 Mar 2026, 10:41, in a time zone."""
    return numerals.day_clock(moment.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone))


@register.filter
def grouped(number: int | None) -> str:
    """Write a count with its thousands apart: 12,400."""
    return "–" if number is None else numerals.count(number)


@register.filter
def ago(moment: dt.datetime, now: dt.datetime) -> str:
    """Write how long ago: 28 s, 4 min, 2 h."""
    return sentences.duration(int((now - moment).total_seconds()))


@register.filter
def lasting(seconds: int) -> str:
    """Write a length of time: 28 s, 4 min, 2 h."""
    return sentences.duration(seconds)


@register.filter
def running(session_start: dt.datetime | None, now: dt.datetime) -> str:
    """Write how long a session runs: 42:17, or 1:02:09 beyond the hour."""
    if session_start is None:
        return "0:00"
    seconds = max(0, int((now - session_start).total_seconds()))
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


@register.filter
def as_code(code: str) -> str:
    """Write a join code in two groups."""
    return spaced(code)


@register.filter
def initials(user: User | AnonymousUser) -> str:
    """Two letters for the picture of a person."""
    if not isinstance(user, User):
        return ""
    words = (user.get_full_name() or user.get_username()).replace(".", " ").split()
    letters = words[0][:1] + (words[-1][:1] if len(words) > 1 else words[0][1:2])
    return letters.upper()


@register.filter
def state_word(state: str) -> str:
    """The word for the state of a room."""
    return sentences.state_word(state)


@register.filter
def state_icon(state: str) -> str:
    """The icon of a state: a shape that says it without colour."""
    return sentences.STATE_ICONS.get(state, "minus")


@register.filter
def anomaly_title(kind: str) -> str:
    """The words for a kind of anomaly."""
    return sentences.anomaly_title(kind)


@register.filter
def severity_word(severity: str) -> str:
    """The word for a severity."""
    return sentences.severity_word(severity)


@register.filter
def part_name(name: str) -> str:
    """The words for a part of the score."""
    return sentences.part_name(name)


@register.filter
def feed_text(entry: Entry) -> str:
    """The sentence of a feed entry."""
    if entry.code == "step":
        return steps_wording.step_text(entry.params)
    return sentences.feed_text(entry)


@register.filter
def feed_icon(entry: Entry) -> str:
    """The icon of a feed entry."""
    if entry.code == "step":
        return steps_wording.step_icon(entry.params)[0]
    return sentences.feed_icon(entry)


@register.filter
def feed_tone(entry: Entry) -> str:
    """The tone of a feed entry's icon, as a class."""
    return steps_wording.step_icon(entry.params)[1] if entry.code == "step" else entry.tone
