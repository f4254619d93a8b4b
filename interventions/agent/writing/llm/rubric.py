"""The part of the prompt that every event shares: role, rules, a rubric per kind, examples.

It is the cached prefix: no date, no id, nothing that changes between calls. A change of a word is
a new VERSION and one cache write more; it is not padded, because a longer prefix costs more on
every hit than the better-looking percentage saves.
"""

from pathlib import Path
from typing import Final

VERSION: Final = "2"
RUBRIC: Final = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
