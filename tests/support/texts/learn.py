"""Learn what `weighing` weighs with from the sorted lines that may be tuned on.

`python -m tests.support.texts.learn` writes `interventions/text_checks/weights.tsv`: logistic regression by
AdaGrad, the same on every machine. What Django's pages say is learned from, too: honest, and in other words.
Run it again whenever the tuned lines or the lists of words have changed.
"""

import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256
from math import exp, sqrt
from pathlib import Path
from typing import Final

import django
import polib

from interventions.text_checks import weighing
from tests.support.texts import LANGUAGES, honest, hostile, names, terms

FILE: Final = Path(weighing.__file__).with_name("weights.tsv")
Line = tuple[str, str, bool]
"""The language of the room, a text, and whether it is hostile."""
_NAMED: Final = (
    "en_GB",
    "de_DE",
    "fr_FR",
    "es_ES",
    "it_IT",
    "pt_PT",
    "pl_PL",
    "tr_TR",
    "en_IN",
    "vi_VN",
)
_EACH: Final = 10
"""Of so many names of a locale, one is learned from."""
_PLACE: Final = re.compile(r"%\(\w+\)s|%s|\{\w+\}")
_LONGEST: Final = 200
"""Characters of a sentence that are learned from."""
_ROUNDS: Final = 12
_STEP: Final = 0.2
_DECAY: Final = 2e-5
"""How much of a weight is lost at each step that touches it: rare pieces stay light."""
_FEWEST: Final = 2
"""Lines that a piece must be in."""
_LIGHTEST: Final = 150
"""Weights below it, in thousandths, are left out."""


def sorted_lines() -> list[Line]:
    """Return the lines that may be tuned on, terms alone, and some names."""
    found = [
        (language, text, False)
        for language in LANGUAGES
        for text in (*honest(language), *terms(language))
    ]
    found += [
        ("en", name, False) for locale in _NAMED for name in sorted(names.of(locale))[::_EACH]
    ]
    return found + [(each.language, each.text, True) for each in hostile() if not each.is_unseen]


def sentences() -> list[Line]:
    """Return honest sentences that are no chat: what Django's pages say in these languages."""
    found: dict[Line, None] = {}
    for file in sorted(Path(django.__file__).parent.glob("**/locale/*/LC_MESSAGES/django.po")):
        language = file.parts[-3].partition("_")[0]
        for entry in polib.pofile(str(file)) if language in LANGUAGES else ():
            said = entry.msgid if language == "en" else entry.msgstr
            said = " ".join(_PLACE.sub("X", said).split())[:_LONGEST]
            if said:
                found[language, said, False] = None
    return list(found)


def learned(lines: Sequence[Line], seed: int = 1) -> dict[str, int]:
    """Return what pieces weigh, in thousandths; those that weigh next to nothing are left out."""
    rows = [(sorted(weighing.pieces(text, language)), kind) for language, text, kind in lines]
    common = Counter(piece for row, _ in rows for piece in row)
    index = {piece: at for at, (piece, n) in enumerate(sorted(common.items())) if n >= _FEWEST}
    known = [
        ([index[piece] for piece in row if piece in index], 1 / sqrt(len(row) or 1), kind)
        for row, kind in rows
    ]
    weights = _fit(known, len(common), random.Random(seed))
    found = {piece: round(1000 * weights[at]) for piece, at in index.items()}
    return {piece: weight for piece, weight in found.items() if abs(weight) >= _LIGHTEST}


def _fit(
    rows: list[tuple[list[int], float, bool]], size: int, chance: random.Random
) -> list[float]:
    weights, seen = [0.0] * size, [1e-3] * size
    # As much of the one kind as of the other, however many lines of each there are.
    share = sum(kind for *_, kind in rows) / len(rows)
    for _ in range(_ROUNDS):
        chance.shuffle(rows)
        for row, scale, kind in rows:
            score = scale * sum([weights[at] for at in row])
            wrong = (1 / (1 + exp(-max(-30.0, min(30.0, score))))) - kind
            wrong *= 0.5 / (share if kind else 1 - share)
            slope = wrong * scale
            if abs(slope) < 1e-4:
                continue
            square = slope * slope
            for at in row:
                seen[at] += square
                weights[at] -= _STEP * (slope / sqrt(seen[at]) + _DECAY * weights[at] / scale)
    return weights


def digest(lines: Iterable[Line]) -> str:
    """Return what tells whether weights are those of these lines."""
    said = "\n".join(f"{language}\t{text}\t{kind}" for language, text, kind in lines)
    return sha256(said.encode()).hexdigest()[:16]


def write(lines: Sequence[Line]) -> int:
    """Write the weights learned from lines; return how many there are."""
    rows = [
        f"{piece}\t{weight}" for piece, weight in sorted(learned([*lines, *sentences()]).items())
    ]
    FILE.write_text("\n".join([digest(lines), *rows, ""]), encoding="utf-8")
    return len(rows)


if __name__ == "__main__":
    sys.stdout.write(f"{write(sorted_lines())} weights\n")
