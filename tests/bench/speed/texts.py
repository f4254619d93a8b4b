"""What is held of people's texts that should not be, beside what is shown that should be held.

`python -m tests.bench.speed.texts`; the lines of `honest_unseen.txt` and `hostile_unseen.txt` were never
looked at while the lists were made, nor learned from, and are counted by themselves: held out. Both
faults are printed side by side per language, and for all together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from interventions.text_checks.text_gate import holds, holds_name
from tests.support.texts import LANGUAGES, honest, honest_unseen, hostile, names

HEADS: Final = ("what", "texts", "held", "shown", "wrong")
BESIDE: Final = (
    "language", "honest, held", "honest, held out, held", "hostile, shown", "hostile, held out, shown",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Count:
    """How many texts of a kind were held and shown; `is_wrong_held`: none should be held."""

    what: str
    held: int
    shown: int
    is_wrong_held: bool

    @property
    def wrong(self) -> int:
        """Return how many were treated wrongly."""
        return self.held if self.is_wrong_held else self.shown

    @property
    def share(self) -> float:
        """Return the share that was treated wrongly, 0 to 1."""
        return self.wrong / (self.held + self.shown)

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


def of_names(rooms: int = len(LANGUAGES)) -> Count:
    """Count names of fifty locales, alone and thanked, each in so many rooms of different languages.

    In fewer than all, the rooms take turns from name to name.
    """
    found = sorted({name for locale in names.LOCALES for name in names.of(locale)})
    verdicts = (
        any(
            holds_name(name, language) or holds(f"Thanks {name}, good point", language) is not None
            for language in (*LANGUAGES, *LANGUAGES)[at % len(LANGUAGES) :][:rooms]
        )
        for at, name in enumerate(found)
    )
    return _count("names of 50 locales", verdicts, is_wrong_held=True)


def of_honest(language: str, *, is_held_out: bool = False) -> Count:
    """Count honest questions and chat lines of a language: those that were tuned on, or were not."""
    texts = honest_unseen(language) if is_held_out else honest(language)
    verdicts = (holds(text, language) is not None for text in texts)
    name = "honest, held out" if is_held_out else "honest"
    return _count(f"{name}, {language}", verdicts, is_wrong_held=True)


def of_hostile(language: str, *, is_held_out: bool) -> Count:
    """Count hostile lines of a language: those that were tuned on, or those that were not."""
    verdicts = (
        holds(each.text, language) is not None
        for each in hostile()
        if each.language == language and each.is_unseen == is_held_out
    )
    name = "hostile, held out" if is_held_out else "hostile, tuned on"
    return _count(f"{name}, {language}", verdicts, is_wrong_held=False)


def counts() -> list[Count]:
    """Return everything that is counted, one after the other."""
    return [
        of_names(),
        *(of_honest(language) for language in LANGUAGES),
        *(of_honest(language, is_held_out=True) for language in LANGUAGES),
        *(of_hostile(language, is_held_out=False) for language in LANGUAGES),
        *(of_hostile(language, is_held_out=True) for language in LANGUAGES),
    ]


def by_language(found: list[Count]) -> list[tuple[str, ...]]:
    """Return per language how many honest lines were held beside how many hostile ones were shown."""
    table: list[tuple[str, ...]] = [BESIDE]
    for language in LANGUAGES:
        mine = [each for each in found if each.what.endswith(f", {language}")]
        table.append(
            (language, *(f"{c.wrong} of {c.held + c.shown} ({c.share:.2%})" for c in mine))
        )
    kinds = [each.what.rpartition(", ")[0] for each in mine]
    return [*table, ("all", *(_together(found, kind) for kind in kinds))]


def _together(found: list[Count], kind: str) -> str:
    of_kind = [each for each in found if each.what.rpartition(", ")[0] == kind]
    wrong, texts = (sum(each.wrong for each in of_kind), sum(e.held + e.shown for e in of_kind))
    return f"{wrong} of {texts} ({wrong / texts:.2%})"


if __name__ == "__main__":
    found = counts()
    for what, texts, held, shown, wrong in [HEADS, *(each.row() for each in found)]:
        print(f"{what:32}{texts:>8}{held:>8}{shown:>8}  {wrong}")
    for line in by_language(found):
        print("".join(f"{cell:<26}" for cell in line))
