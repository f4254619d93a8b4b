"""What a text may not hold before people see it: disguises, links, personal data, markup, orders.

Pure functions on one text; `gate` puts them in order, `prompts` keeps unfit messages from a model.
"""

import re
import unicodedata
from collections.abc import Iterable

_TLD = (
    "com|net|org|io|ly|co|app|dev|gg|me|info|biz|xyz|link|shop|example|de|at|ch|uk|eu|fr|es|it|nl|"
    "pl|ru|cn|jp|tv|tk|top|site|online|club|live|gl|to|cc|ai|us|ws|su|page|zip|mov|tech|store|onion"
)
_LINK = re.compile(
    r"(?i)\b[a-z][a-z0-9+.-]*://|\bwww\.|\b(?:javascript|data|mailto|tel):\S|\bhxxps?\b"
    rf"|\b[\w-]+(?:\.[\w-]+)*\.(?:{_TLD})\b(?:/\S*)?"
    r"|\w\s*(?:\(dot\)|\[dot\]|\[\.\]|\(\.\)|\s(?:dot|punkt|punto|point)\s)\s*(?:com|net|org|io|de)\b"
)
_MAIL = re.compile(r"(?i)[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+")
_HANDLE = re.compile(r"(?<![\w.])@\w{2,30}")
# Runs of digits as people write telephone, card and account numbers ...
_DIGITS = re.compile(r"(?<!\w)\+?\(?\d(?:[\s().\-–/]{0,3}\d){6,}")
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,}\b|\b\d{3}-\d{2}-\d{4}\b")
# ... and what only looks like one: dates, spans of years, 1.000.000, an address of a machine.
_NO_NUMBER = re.compile(
    r"\b(?:\d{4}-\d\d-\d\d(?: \d\d:\d\d)?|\d{1,2}[./]\d{1,2}[./]\d{4}|\d{4}\s?[-–/]\s?\d{4}"
    r"|\d{1,3}(?:\.\d{3}){2,}|\d{1,3}(?:\.\d{1,3}){3})\b"
)
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


def link(text: str, allowed: Iterable[str] = ()) -> bool:
    """Whether it names an address to go to; names of the brief ("socket.io") are none."""
    return bool(_LINK.search(_without(text, allowed)))


def personal(text: str) -> bool:
    """Whether it holds an e-mail address, a handle, or a number one can call or charge."""
    if _MAIL.search(text) or _HANDLE.search(text) or _ACCOUNT.search(text):
        return True
    return bool(_DIGITS.search(_NO_NUMBER.sub(" ", text)))


def markup(text: str) -> bool:
    """Whether it holds HTML, markdown or a placeholder that nobody filled."""
    return bool(_MARKUP.search(text))


def order(text: str) -> bool:
    """Whether it talks to a model, or as one."""
    return bool(_ORDER.search(text))


def shouting(text: str, allowed: Iterable[str] = ()) -> bool:
    """Whether it shouts: a word of five capitals that the brief does not know, or "!!"."""
    return bool(re.search(r"\b[A-ZÄÖÜ]{5,}\b|[!?]{2,}", _without(text, allowed)))


def clean(text: str, longest: int) -> str:
    """Return a message in one line: compatibility forms unified, hidden characters dropped."""
    plain = unicodedata.normalize("NFKC", text)
    kept = (" " if unicodedata.category(c) in {"Zl", "Zp", "Cc"} else c for c in plain)
    visible = "".join(c for c in kept if unicodedata.category(c) not in {"Cf", "Co", "Cs", "Cn"})
    return " ".join(visible.split())[:longest]


def _without(text: str, allowed: Iterable[str]) -> str:
    for term in allowed:
        if term:
            text = re.sub(rf"(?i)(?<!\w){re.escape(term)}(?!\w)", " ", text)
    return text
