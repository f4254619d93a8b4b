"""What is held of people's texts that should not be, beside what is shown that should be held.

`python -m tests.bench.texts`; the hostile lines of `hostile_unseen.txt` were never looked at while
the lists were made, and are counted by themselves.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from interventions.gate import holds, holds_name
from tests.texts import LANGUAGES, honest, hostile, names

HEADS: Final = ("what", "texts", "held", "shown", "wrong")


@dataclass(frozen=True, slots=True)
class Count:
    """How many texts of a kind were held and shown; `is_wrong_held`: none should be held."""

    what: str
    held: int
    shown: int
    is_wrong_held: bool

    @property
    def share(self) -> float:
        """Return the share that was treated wrongly, 0 to 1."""
        return (self.held if self.is_wrong_held else self.shown) / (self.held + self.shown)

    def row(self) -> tuple[str, ...]:
        """Return it as a row of the table."""
        said = "held that should not be" if self.is_wrong_held else "shown that should not be"
        return (
            self.what, str(self.held + self.shown), str(self.held), str(self.shown),
            f"{self.share:.2%} {said}",
        )  # fmt: skip


def _count(what: str, verdicts: Iterable[bool], *, is_wrong_held: bool) -> Count:
    found = list(verdicts)
    return Count(what, sum(found), len(found) - sum(found), is_wrong_held)


def of_names() -> Count:
    """Count names of forty locales, alone and thanked, in rooms of every language."""
    found = {name for locale in names.LOCALES for name in names.of(locale)}
    verdicts = (
        any(
            holds_name(name, language) or holds(f"Thanks {name}, good point", language) is not None
            for language in LANGUAGES
        )
        for name in found
    )
    return _count("names of 50 locales", verdicts, is_wrong_held=True)


def of_honest(language: str) -> Count:
    """Count honest questions and chat lines of a language."""
    verdicts = (holds(text, language) is not None for text in honest(language))
    return _count(f"honest, {language}", verdicts, is_wrong_held=True)


def of_hostile(language: str, *, is_held_out: bool) -> Count:
    """Count hostile lines of a language: those that were tuned on, or those that were not."""
    verdicts = (
        holds(text, of) is not None
        for of, text, apart in hostile()
        if of == language and apart == is_held_out
    )
    name = "hostile, never tuned on" if is_held_out else "hostile, tuned on"
    return _count(f"{name}, {language}", verdicts, is_wrong_held=False)


def counts() -> list[Count]:
    """Return everything that is counted, one after the other."""
    return [
        of_names(),
        *(of_honest(language) for language in LANGUAGES),
        *(of_hostile(language, is_held_out=False) for language in LANGUAGES),
        *(of_hostile(language, is_held_out=True) for language in LANGUAGES),
    ]


def rows() -> list[tuple[str, ...]]:
    """Return the table that `make bench-crowd` prints, its heads first."""
    return [HEADS, *(each.row() for each in counts())]


if __name__ == "__main__":
    for what, texts, held, shown, wrong in rows():
        print(f"{what:32}{texts:>8}{held:>8}{shown:>8}  {wrong}")
