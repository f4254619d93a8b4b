"""What people write: honest lines and hostile ones, as data; half of the hostile ones is never tuned on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("en", "de", "fr", "es", "it", "pt")
_HERE: Final = Path(__file__).parent


def honest(language: str) -> list[str]:
    """Return honest questions and chat lines: whole ones, and each term asked about in two ways."""
    frames: list[str] = []
    found: list[str] = []
    terms: list[str] = []
    for line in (_HERE / f"honest_{language}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            terms += [each.strip() for each in line.partition(":")[2].split(";") if each.strip()]
        elif "{x}" in line:
            frames.append(line)
        else:
            found.append(line)
    for at, term in enumerate(terms):
        for frame in (frames[at % len(frames)], frames[(at * 3 + 1) % len(frames)]):
            found.append(frame.format(x=term))
    return list(dict.fromkeys(found))


def hostile() -> Iterator[tuple[str, str, bool]]:
    """Yield language, text, and whether it is held out: every second line of the file."""
    lines = (_HERE / "hostile.txt").read_text(encoding="utf-8").splitlines()
    language, number = "", 0
    for line in lines:
        if line.startswith("# "):
            language = line[2:]
        elif line:
            number += 1
            yield language, line.replace("\\u200b", "\u200b"), number % 2 == 0
