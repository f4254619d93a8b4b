"""What people write: honest lines and hostile ones, as data; some of either are never tuned on."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("en", "de", "fr", "es", "it", "pt")
_HERE: Final = Path(__file__).parent


def honest(language: str) -> list[str]:
    """Return honest questions and chat lines: whole ones, and each term asked about in two ways."""
    frames: list[str] = []
    found: list[str] = []
    for line in (_HERE / f"honest_{language}.txt").read_text(encoding="utf-8").splitlines():
        if "{x}" in line:
            frames.append(line)
        elif not line.startswith("# "):
            found.append(line)
    for at, term in enumerate(terms(language)):
        for frame in (frames[at % len(frames)], frames[(at * 3 + 1) % len(frames)]):
            found.append(frame.format(x=term))
    return list(dict.fromkeys([*found, *_part_of("honest_more", language)]))


def honest_unseen(language: str) -> list[str]:
    """Return honest lines of a language that nobody looked at while the lists were made."""
    return _part_of("honest_unseen", language)


def terms(language: str) -> list[str]:
    """Return the terms that `honest` asks about, alone."""
    text = (_HERE / f"honest_{language}.txt").read_text(encoding="utf-8")
    rows = [line.partition(":")[2] for line in text.splitlines() if line.startswith("# ")]
    return [each.strip() for row in rows for each in row.split(";") if each.strip()]


def _part_of(name: str, language: str) -> list[str]:
    text = (_HERE / f"{name}.txt").read_text(encoding="utf-8")
    parts = (part.split("\n") for part in text.strip().removeprefix("# ").split("\n# "))
    return [line for named, *lines in parts if named == language for line in lines]


@dataclass(frozen=True, slots=True)
class Hostile:
    """A line that must wait for a moderator.

    `kind` is insult, slur, group or hate, threat, selfharm, sexual, shutup, disguise, spam, spamlink,
    scam, doxx or contact; "" where nobody sorted it. `is_unseen`: nobody looked at it while the lists
    were made.
    """

    language: str
    kind: str
    text: str
    is_unseen: bool


def hostile() -> Iterator[Hostile]:
    """Yield the hostile lines of all languages, those that were tuned on first."""
    for name, is_unseen in (("hostile", False), ("hostile_more", False), ("hostile_unseen", True)):
        language = kind = ""
        for line in (_HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines():
            if line.startswith("# "):
                language, _, kind = line[2:].partition(" ")
            elif line:
                yield Hostile(language, kind, line.replace("\\u200b", "\u200b"), is_unseen)
