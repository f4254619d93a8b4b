"""Whether a text leads somewhere else: links, e-mail addresses, telephone, card and account numbers.

Two readers of one text. What a machine writes is *strict*: whatever could be a link is one. People
forget the space after a full stop, write ASP.NET, 12 500 000 and @media: theirs is read with its
neighbours. Both are linear: no pattern repeats what an earlier start of it has read.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

from interventions.text_checks.digits import spells_number
from interventions.text_checks.disguises import without
from interventions.text_checks.language_check import languages_of

MOST_CHARS: Final = 2_000
"""Characters looked at, after one may have become eighteen (NFKC)."""


def _list(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORDS: Final = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_TLD: Final = _list(_WORDS["top_level"])
_ANYWHERE_A_WORD: Final = _list(_WORDS["words"])
_WORD_OF: Final = {language: _list(words) for language, words in _WORDS["words_of"].items()}
_NAMES: Final = _list(_WORDS["names"])
_LEADS: Final = _list(_WORDS["leads"])
_SCHEME: Final = re.compile(
    r"(?i)\b(?:https?|hxxps?|ftps?|file|tg|whatsapp|magnet|intent)\s?:\s?/?/\s?\w"
    r"|(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,15}://\w|\bwww\s?\.\s?\w|\bjavascript:\S|\bmailto:\S|\btel:\s?\+?\d"
    r"|\bdata:\w{1,20}/\w"
)
_STRICT_SCHEME: Final = re.compile(
    r"(?i)[a-z0-9]://|\bwww\.|\b(?:javascript|data|mailto|tel):\S|\bhxxps?\b"
)
_DOT: Final = (
    r"(?:\(\s?(?:dot|punkt|punto|point|ponto|\.)\s?\)|\[\s?(?:dot|punkt|punto|point|ponto|\.)\s?\])"
)
_SPELT: Final = re.compile(
    rf"(?i)\w\s?{_DOT}\s?(?:com|net|org|io|de|fr|es|it|pt|br|info|me|xyz|ru|at|ch|eu|app|co|\w{{2,12}}\s?{_DOT})\b"
    r"|(?P<host>[\w-]{1,40})\s{1,3}dot\s{1,3}(?:com|org|io|xyz|info)\b(?!\s(?:bubble|boom|crash|era|compan|bust|start|years))"
    r"|\w\s{1,3}punkt\s{1,3}(?:com|net|org|de|at|ch|info)\b|\w\s{1,3}punto\s{1,3}(?:com|net|org|es|it)\b"
    r"|\w\s{1,3}point\s{1,3}(?:com|net|org|fr)\b|\w\s{1,3}ponto\s{1,3}(?:com|net|org|pt|br)\b"
)
_STRICT_SPELT: Final = re.compile(
    r"(?i)\w\s{0,3}(?:\(dot\)|\[dot\]|\[\.\]|\(\.\)|\s(?:dot|punkt|punto|point)\s)\s{0,3}(?:com|net|org|io|de)\b"
)
_ARTICLES: Final = _list("the a an of this that any every big old during our")
_RUN: Final = re.compile(r"(?<![\w-])[\w-]++(?:\.[\w-]++)++")
_AT: Final = re.compile(
    r"(?i)(?<=[\w.+-])\s?(?:@|[(\[]\s?(?:at|arroba|chiocciola|arobase|ät)\s?[)\]])\s?"
    r"(?P<host>[\w-]{1,63}(?:\s?(?:\.|[(\[]\s?(?:dot|punkt|punto|point|ponto|\.)\s?[)\]])\s?[\w-]{1,63}){1,4})"
)
_AT_SPELT: Final = re.compile(
    r"(?i)\w\s(?:at|ät|arroba|chiocciola|arobase)\s[\w.-]{1,40}\s(?:dot|punkt|punto|point|ponto)\s"
    r"(?:com|net|org|de|fr|es|it|pt|br|at|ch|info|example)\b"
)
_HANDLE: Final = re.compile(r"(?<![\w.])@\w{2,30}")
_SOCIAL: Final = re.compile(
    r"(?i)\b(?:insta(?:gram)?|ig|snap(?:chat)?|tele(?:gram)?|tg|tiktok|whatsapp|discord|skype|onlyfans|kik"
    r"|(?:my|mein|mon|mi|il mio|(?:o )?meu) signal)\b[\s:=→-]{1,3}"
    r"(?:(?:is|ist|es|est|è|é|name|user)\b[\s:]{1,2})?"
    r"(?:@[\w.]{2}|[^\W\d][\w.]{0,30}[\d_])"
)
_LIVES: Final = re.compile(
    r"(?i)\b(?:(?:he|she|they|speaker|presenter|who) lives?|(?:his|her|their|home) address|wohnt|wohnen"
    r"|(?:seine|ihre) adresse|habite|habitent|son adresse|vive en|viven en|su dirección|abita(?:no)?"
    r"|il suo indirizzo|moram? n[ao]|vive n[ao]|(?:o endereço|a morada) del[ea])\b"
)
_STREET: Final = re.compile(
    r"(?i)\b\d{1,4}[a-z]?,?\s(?:bis\s)?(?:[\w'’-]{1,30}\s){0,2}(?:street|st|road|rd|avenue|ave|lane|drive|close|court|way)\b"
    r"|(?:stra(?:ß|ss)e|str\.|weg|gasse|allee|platz)\s\d{1,4}"
    r"|\b\d{1,4},?\s(?:rue|avenue|boulevard|impasse|place|allée|chemin)\b"
    r"|\b(?:calle|avenida|plaza|paseo|via|viale|piazza|corso|rua|travessa|praça|largo)\s(?:[\w'’-]{1,30},?\s){1,5}\d{1,4}\b"
)
_FAR: Final = 100
"""Characters after "lives in" in which a street is hers."""
_IBAN: Final = re.compile(r"\b([A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,4})?)\b")
_STRICT_ACCOUNT: Final = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,}\b|\b\d{3}-\d{2}-\d{4}\b")
_SSN: Final = re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])")
_STRICT_DIGITS: Final = re.compile(r"(?<!\w)\+?\(?\d(?:[\s().\-–/]{0,3}\d){6,}")
_STRICT_NO_NUMBER: Final = re.compile(
    r"\b(?:\d{4}-\d\d-\d\d(?: \d\d:\d\d)?|\d{1,2}[./]\d{1,2}[./]\d{4}|\d{4}\s?[-–/]\s?\d{4}"
    r"|\d{1,3}(?:\.\d{3}){2,}|\d{1,3}(?:\.\d{1,3}){3})\b"
)
_NO_NUMBER: Final = re.compile(
    r"(?<![\w+.-])(?:\d{4}-\d\d-\d\d(?:[ T]\d\d)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}"
    r"|[12]\d{3}\s?[-–/]\s?[12]?\d{1,3}|\d{1,4}(?:\.\d{1,3}){3}|[1-9]\d{0,8}\.\d+|0\.\d+|\d{4}-\d{3}[\dX])(?![\w.-])"
)
_NUMBER: Final = re.compile(r"(?<![\w.,])\+?\(?\d[\d\s().\-–/'’]*\d(?!\w)")
_GROUP: Final = re.compile(r"\d+")
_CALL: Final = re.compile(
    r"(?i)\b(?:call|phone|tel|telephone|mobile|cell|text|ring|dial|whatsapp|sms|fax|number is"
    r"|reach (?:me|him|her)"
    r"|ruf\w*|telefon\w*|handy\w*|nummer|anrufen|durchwahl|erreichbar"
    r"|appel\w*|téléphone|portable|numéro|joindre|ll[aá]m\w*|teléfono|móvil|celular|número|movil|telefono"
    r"|chiam\w*|cellulare|numero|lig\w{1,4}|telefone|telemóvel|telemovel|contacto|contato|zap|dzwo\w*|numer|звони\w*|телефон)\b"
)
_CARD: Final = re.compile(
    r"(?i)\b(?:card|visa|mastercard|karte|kreditkarte|carte|tarjeta|carta|cartão)\b"
)
_BOOK: Final = re.compile(
    r"(?i)\b(?:isbn|issn|ean|doi|din|iso|rfc|version|v|r[eé]f|s/?n|id|pid|ticket|case|order|lote?|serial|s[eé]rie"
    r"|serie|prot|protocol\w*|dossier|expediente|pedido|processo|vorgang|auftrag\w*|bestell\w*|pratica|cig|nif|siret"
    r"|commande|facture|rechnung\w*|invoice|artikel\w*)(?:snummer)?[\s:.#-]*$"
)
_PHONES: Final = frozenset(
    {
        (3, 3, 4),
        (1, 3, 3, 4),
        (3, 2, 2, 2),
        (2, 3, 2, 2),
        (2, 5, 4),
        (2, 4, 4),
        (3, 3, 3),
        (4, 3, 3),
        (3, 4, 4),
    }
)
_NEAR: Final = 30
"""Characters before a number in which it may be called one to call."""
_BARE: Final = 9
"""Digits in one group, without a zero or plus before them, that are called and not counted."""
_NUMBER_OF: Final = re.compile(
    r"(?i)\b(?:number|número|numero|numéro) (?:of|d[eio]l?|d[ao]|della) (?!tel|m[oó]vil|cel|port)"
)
_SERVICE: Final = re.compile(r"^(?:0?800\d*|1800\d{7}|11[26]\d{0,4}|988|3114|18[08])$")
"""Numbers of services, such as those of crisis lines."""


def link(text: str, allowed: Iterable[str] = ()) -> bool:
    """Whether a machine's text names an address to go to; names of the brief ("socket.io") are none."""
    text = without(text, allowed)
    if _STRICT_SCHEME.search(text) or _STRICT_SPELT.search(text):
        return True
    return any(
        any(label.split("-")[0] in _TLD for label in run.group().casefold().split(".")[1:])
        for run in _RUN.finditer(text)
    )


def personal(text: str) -> bool:
    """Whether a machine's text holds an e-mail address, a handle, a number one can call or charge."""
    if _AT.search(text) or _HANDLE.search(text) or _STRICT_ACCOUNT.search(text):
        return True
    return bool(_STRICT_DIGITS.search(_STRICT_NO_NUMBER.sub(" ", text)))


def leads_away(text: str, language: str) -> bool:
    """Whether somebody's text names an address to go to. `language`: what is spoken in the room."""
    text = _plain(text)
    if _SCHEME.search(text):
        return True
    if any(_is_spelt(found) for found in _SPELT.finditer(text)):
        return True
    runs = list(_RUN.finditer(text))
    if not runs:
        return False
    spoken = languages_of(text, language) | {language.partition("-")[0], "en"}
    words = _ANYWHERE_A_WORD.union(*(_WORD_OF.get(each, ()) for each in spoken))
    if spoken == {"en", "de"} or "de" in languages_of(text, language):
        words -= {"de"}
    is_alone = len(text.split()) == 1
    return any(_is_address(text, run, words, is_alone=is_alone) for run in runs)


def _is_spelt(found: re.Match[str]) -> bool:
    host = found.groupdict().get("host")
    return host is None or host.casefold() not in _ARTICLES


def _is_address(text: str, run: re.Match[str], words: frozenset[str], *, is_alone: bool) -> bool:
    labels = run.group().split(".")
    last = labels[-1]
    low = last.casefold()
    if low not in _TLD or run.group().casefold() in _NAMES or last == "NET":
        return False
    after = text[run.end() : run.end() + 2]
    if after[:1] in ("/", ":", "?", "#") and after[1:2].strip():
        return True
    if low not in words:
        # "It was nice.De nada": a sentence begins with a capital, an address seldom.
        return not (last[0].isupper() and last[1:].islower() and len(low) == 2)
    if last != low or len(labels[0]) < 2:
        return False
    before = text[max(0, run.start() - _NEAR) : run.start()].split()
    lead = before[-1].casefold() if before else ""
    is_made = bool(re.search(r"[\d-]", run.group())) or (len(labels) > 2 and len(labels[-2]) > 2)
    return is_alone or is_made or lead.strip("(\"'") in _LEADS or lead.endswith(":")


def tells_person(text: str) -> bool:
    """Whether somebody's text holds an e-mail address, or a number one can call or charge."""
    text = _plain(text)
    if any(_is_mail(found) for found in _AT.finditer(text)) or _AT_SPELT.search(text):
        return True
    if _SOCIAL.search(text) or any(_is_home(text, found) for found in _LIVES.finditer(text)):
        return True
    if _SSN.search(text) or any(_is_iban(found[1]) for found in _IBAN.finditer(text)):
        return True
    if spells_number(text):
        return True
    bare = _NO_NUMBER.sub(" ; ", text)
    return any(_is_private(bare, found) for found in _NUMBER.finditer(bare))


def _is_home(text: str, found: re.Match[str]) -> bool:
    return bool(_STREET.search(text[found.end() : found.end() + _FAR]))


def _is_mail(found: re.Match[str]) -> bool:
    """Whether what stands after the sign is a host: react@18.2.0 is a version."""
    return found["host"].rstrip(")] ")[-2:].isalpha()


def _is_iban(text: str) -> bool:
    joined = "".join(text.split())
    turned = joined[4:] + joined[:4]
    return 15 <= len(joined) <= 34 and int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def _is_private(text: str, found: re.Match[str]) -> bool:
    groups = _GROUP.findall(found.group())
    digits = "".join(groups)
    before = text[max(0, found.start() - _NEAR) : found.start()]
    if not 6 <= len(digits) <= 19 or _BOOK.search(before) or _is_book(digits, groups):
        return False
    if _is_card(digits, groups, before):
        return True
    if _NUMBER_OF.search(before) or _SERVICE.match(digits):
        return False
    if _CALL.search(before) and digits[0] == "0" and len(digits) > 7:
        return True
    if len(digits) > 15 or _counts(groups, found.group()):
        return False
    if _CALL.search(before):
        return len(groups) > 1 or len(digits) >= _BARE or found.group().startswith("+")
    return len(digits) >= 7 and _looks_called(found.group(), groups, digits)


def _is_book(digits: str, groups: list[str]) -> bool:
    if len(digits) == 13 and digits[:3] in ("978", "979"):
        return True
    return len(digits) == 10 and len(groups) == 4 and _ten(digits) % 11 == 0


def _ten(digits: str) -> int:
    return sum((10 - at) * int(digit) for at, digit in enumerate(digits))


def _is_card(digits: str, groups: list[str], before: str) -> bool:
    if not 13 <= len(digits) <= 19 or not _luhn(digits):
        return False
    sizes = [len(group) for group in groups]
    return sizes in ([4, 4, 4, 4], [4, 6, 5]) or (
        digits[0] in "3456" and bool(_CARD.search(before))
    )


def _luhn(digits: str) -> bool:
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + at % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def _counts(groups: list[str], written: str) -> bool:
    """Whether these are numbers: thousands, years, a list."""
    if written.startswith("(") or (groups[0].startswith("00") and len(groups[0]) > 2):
        return False
    if len(groups) > 1 and len(groups[0]) < 4 and groups[0][0] != "0" and "-" not in written:
        thousands = all(len(group) == 3 for group in groups[1:])
        if thousands and (groups[-1] == "000" or len(groups) != 3 or len(groups[0]) < 3):
            return not written.startswith("+") or groups[-1] == "000"
    if all(len(group) == 4 and group[0] in "12" for group in groups) and len(groups) > 1:
        return True
    if sum(len(group) == 1 for group in groups) > 2:
        return True
    steps = {int(b) - int(a) for a, b in pairwise(groups)}
    return len(groups) > 2 and len(steps) == 1


def _looks_called(written: str, groups: list[str], digits: str) -> bool:
    if written.startswith("+"):
        return len(digits) >= 8
    sizes = tuple(len(group) for group in groups)
    if digits[0] == "0" and digits[1] != "0" and len(groups[0]) > 1:
        return len(digits) >= 9 or len(groups) > 1
    if digits.startswith("00") and len(digits) > 9:
        return True
    return (len(groups) > 1 and sizes in _PHONES) or (written.startswith("(") and len(digits) >= 9)


def _plain(text: str) -> str:
    unified = unicodedata.normalize("NFKC", text[:MOST_CHARS])[:MOST_CHARS]
    return "".join(_visible(unified))


def _visible(text: str) -> Iterator[str]:
    for character in text:
        if unicodedata.category(character) != "Cf":
            yield "." if character in "。․‧" else character
