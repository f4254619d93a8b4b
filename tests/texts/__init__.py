"""What people write: honest lines and hostile ones, as data; some of the hostile ones are never tuned on."""

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
    """Yield language, text, and whether it is of those that nobody looked at while lists were made."""
    for name, is_unseen in (("hostile", False), ("hostile_unseen", True)):
        language = ""
        for line in (_HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines():
            if line.startswith("# "):
                language = line[2:]
            elif line:
                yield language, line.replace("\\u200b", "\u200b"), is_unseen
