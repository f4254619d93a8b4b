"""Whether a text spells a number out, digit by digit, in words."""

import re
from itertools import pairwise
from typing import Final

_WORDS: Final = (
    "zero null zéro cero zerò oh", "one eins ein un une uno um uma", "two zwei zwo deux dos due dois duas",
    "three drei trois tres tre três", "four vier quatre cuatro quattro quatro", "five fünf cinq cinco cinque",
    "six sechs seis sei meia", "seven sieben sept siete sette sete", "eight acht huit ocho otto oito",
    "nine neun neuf nueve nove",
)  # fmt: skip
_DIGITS: Final = {word: at for at, words in enumerate(_WORDS) for word in words.split()}
_ENOUGH: Final = 7
"""Words in a row from which on they are a number to call."""
_COUNTING: Final = 2
"""Different steps between digits that somebody counts out, with a turn or a new start."""


def spells_number(text: str) -> bool:
    """Whether digits stand in a row as words, and do not count up or down ("one two three")."""
    run: list[int] = []
    for word in [*re.findall(r"[^\W\d_]+", text.casefold()), ""]:
        if word in _DIGITS:
            run.append(_DIGITS[word])
            continue
        if len(run) >= _ENOUGH and len({b - a for a, b in pairwise(run)}) > _COUNTING:
            return True
        run = []
    return False
