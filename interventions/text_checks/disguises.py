"""What a text may not hold before people see it: disguises, markup, orders, shouting.

Pure functions on one text; `gate` puts them in order, `prompts` keeps unfit messages from a model.
"""

import re
import unicodedata
from collections.abc import Iterable

_MARKUP = re.compile(r"[<>{}`\\]|\]\(|\*\*|__|~~|\|\||&#?\w+;|^\s*#{1,6}\s")
_ORDER = re.compile(
    r"(?i)\b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:above|previous|prior|instructions?|rules)\b"
    r"|\bsystem\s?prompt\b|\bprevious instructions\b|\bjailbreak|\bdeveloper mode\b|\bprompt injection\b"
    r"|\b(?:vergiss|ignorier\w*|missachte)\b.{0,40}\b(?:anweisung\w*|regeln|vorherige\w*)\b"
    r"|\b(?:ignore[zr]?|oublie[zr]?)\b.{0,30}\b(?:instructions?|consignes|précédent\w*)\b"
    r"|\b(?:ignora|olvida|ignorar)\b.{0,30}\b(?:instrucci\w+|instruçõ\w+|istruzion\w+|anterior\w*)"
    r"|\b(?:ignora|dimentica)\b.{0,30}\bistruzion\w+|\bигнорируй\w*|\bзабудь\b.{0,30}инструкц"
    r"|(?:忽略|无视|忘记).{0,12}(?:指令|指示|说明)|(?:無視|忘れ).{0,12}|지시.{0,6}무시|تجاهل.{0,30}تعليمات"
    r"|\bas an ai\b|\blanguage model\b|\bi(?:['’]m| am) (?:sorry|unable)\b"
    r"|\bi can(?:no|['’])t (?:help|assist)\b"
    r"|\bals (?:ki|sprachmodell)\b|\b(?:assistant|human|user|system)\s*:"
)
_RUN_OF_MARKS = 3
# Written with letters by NFKC, and on everybody's keyboard.
_PLAIN = frozenset("ªºµ™№℃℉")


def disguise(text: str) -> bool:
    """Whether characters hide in it: control, zero-width, bidi, look-alikes, stacked marks.

    Letters and digits must be written as themselves (NFKC), and a word in one script.
    """
    marks = 0
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if category in {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}:
            return True
        if category != "No" and character not in _PLAIN and _stands_for_another(character):
            return True
        marks = marks + 1 if category == "Mn" else 0
        if marks >= _RUN_OF_MARKS:
            return True
    return any(len(scripts(word)) > 1 for word in re.findall(r"[^\W\d_]+", text))


def _stands_for_another(character: str) -> bool:
    """Whether it is a full-width, circled, bold … form of a letter or digit."""
    plain = unicodedata.normalize("NFKC", character)
    return plain != character and any(map(str.isalnum, plain))


def scripts(text: str) -> set[str]:
    """Return the scripts of its letters: LATIN, CYRILLIC, GREEK, CJK, …

    Japanese and Korean, which mix by nature, are one.
    """
    found = {
        unicodedata.name(letter, "?").split(" ")[0].split("-")[0]
        for letter in text
        if letter.isalpha() and letter not in "ªºµ"
    }
    east = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL"}
    return found - east | {"CJK"} if found & east else found


def mixes(text: str) -> bool:
    """Whether a word looks Latin with letters of another script among its own ("p\u0430ypal").

    An ending of one's own script on a name in capitals ("APIшка") is writing, and so are Greek signs.
    """
    if text.isascii():
        return False
    words = re.findall(r"[^\W\d_]+", text)
    return any(_is_mixed(word) for word in words if not word.isascii())


def _is_mixed(word: str) -> bool:
    found = scripts(word)
    if not re.search(r"[a-zA-Z]", word) or "LATIN" not in found or not found & _LIKE_LATIN:
        return False
    if "GREEK" in found and len(re.findall(r"[a-zA-Z]", word)) < _A_WORD:
        return False
    strange = [letter for letter in word if "\u0370" <= letter <= "\u052f"]
    return all(letter in _LOOKALIKES for letter in strange) and not re.fullmatch(
        r"[A-Z]+[\u0400-\u052f]+|[\u0400-\u052f]+[A-Z]+", word
    )


_LOOKALIKES = frozenset("авекмнорстухіјѕԁһԛԝгАВЕКМНОРСТУХІЈЅανικορυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ")
_LIKE_LATIN = frozenset({"CYRILLIC", "GREEK"})
_A_WORD = 2
"""Latin letters from which on a Greek one among them is no sign of a quantity (kΩ, Δx)."""


def markup(text: str) -> bool:
    """Whether it holds HTML, markdown or a placeholder that nobody filled."""
    return bool(_MARKUP.search(text))


def order(text: str) -> bool:
    """Whether it talks to a model, or as one."""
    return bool(_ORDER.search(text))


def shouting(text: str, allowed: Iterable[str] = ()) -> bool:
    """Whether it shouts: a word of five capitals that the brief does not know, or "!!"."""
    return bool(re.search(r"\b[A-ZÄÖÜ]{5,}\b|[!?]{2,}", without(text, allowed)))


def shouts(text: str) -> bool:
    """Whether a person's text is mostly written in capitals, or has a row of marks; HTTPS is neither."""
    words = re.findall(r"[^\W\d_]{2,}", text)
    loud = [word for word in words if word.isupper()]
    return bool(re.search(r"[!?]{4,}", text)) or (len(loud) > 2 and 2 * len(loud) > len(words))


def clean(text: str, longest: int) -> str:
    """Return a message in one line: compatibility forms unified, hidden characters dropped."""
    plain = unicodedata.normalize("NFKC", text)
    kept = (" " if unicodedata.category(c) in {"Zl", "Zp", "Cc"} else c for c in plain)
    visible = "".join(c for c in kept if unicodedata.category(c) not in {"Cf", "Co", "Cs", "Cn"})
    return " ".join(visible.split())[:longest]


def without(text: str, allowed: Iterable[str]) -> str:
    """Return the text without names that are known, whatever their case."""
    for term in allowed:
        if term:
            text = re.sub(rf"(?i)(?<!\w){re.escape(term)}(?!\w)", " ", text)
    return text
