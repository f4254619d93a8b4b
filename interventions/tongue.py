"""Whether a text is in the language it should be in, told by script and by small words."""

import re
from typing import Final

from interventions.scrub import scripts

# The commonest small words that the other languages of the list do not have.
_LISTS: Final = {
    "en": (
        "the and you your are what which how with this that for have do does would should who"
        " where when why from they we our it is of to be can not"
    ),
    "de": (
        "der die das und ist nicht wie wir ihr euch eure dein deine dich dir du sie ein eine einen"
        " mit für auf von zu im den dem was wer wo wann warum welche welcher welches habt noch"
        " jetzt heute auch schon oder sich"
    ),
    "fr": "le les des est une vous nous avec pour dans que qui quel quelle sur pas",
    "es": "el los las es una usted con para por que qué cuál cómo pero más está",
    "it": "il gli è una voi con per che quale come più sono della",
    "pt": "os uma você com para por que qual como mais está não são",
    "nl": "het een en zijn niet met voor jullie wat wie hoe welke ook",
}
SMALL_WORDS: Final = {name: frozenset(words.split()) for name, words in _LISTS.items()}
CYRILLIC: Final = frozenset({"ru", "uk", "bg", "sr"})
_ENOUGH: Final = 2


def is_foreign(text: str, language: str) -> bool:
    """Whether `text` is written in another language than `language` ("en", "de-AT", …).

    Short answers ("Kubernetes", "OK") belong to every language. Languages that are not listed
    are held to their script only where that is Latin.
    """
    own = language.partition("-")[0]
    if own in SMALL_WORDS and scripts(text) - {"LATIN", "GREEK"}:
        return True
    if own in CYRILLIC:
        return bool(scripts(text)) and "CYRILLIC" not in scripts(text)
    if own not in SMALL_WORDS:
        return False
    words = set(re.findall(r"[^\W\d_]+", text.casefold()))
    mine = len(words & SMALL_WORDS[own])
    others = max(len(words & small) for name, small in SMALL_WORDS.items() if name != own)
    return others >= _ENOUGH and others > 2 * mine
