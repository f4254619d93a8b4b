"""The words that somebody reads on the projector and types to get in: two short nouns, new every two minutes.

They follow from a secret of the session and the clock, so every web process and every screen knows
them. Those of the turn before still open: somebody may be typing. Plain Python.
"""

import hashlib
import hmac
import unicodedata
from typing import Final

TURN_SECONDS: Final = 120
MOST_TYPED: Final = 60
SECRET_BYTES: Final = 16
TICKET_CHARS: Final = 20

# Common things, three to seven letters, none that offends beside any other. 120 make 14,280 pairs.
# Without umlauts: not every keyboard has them.
_NOUNS: Final = {
    "en": """
    apple arrow badge basket beach bench berry bike bird board boat book bowl bread brick bridge
    brush bucket cabin cactus camera candle canoe carpet castle chair chalk cheese circle
    cloud clover coffee comet copper corner cotton cup desk dice dolphin door drum eagle engine
    falcon feather fern field flag flute forest fork fox garden ginger globe glove grape guitar
    hammer harbor hat hill honey house island ivy jacket kettle key kite ladder lake lamp leaf
    lemon letter lily lion magnet map maple market meadow mirror moon mouse needle nest oasis
    ocean olive onion orange otter owl paint palm panda paper parrot pencil piano pillow
    planet pocket pond potato puzzle rabbit radio rain river robin rocket sail shell
    silver spoon tiger""",
    "de": """
    Adler Ampel Anker Apfel Auto Bach Ball Bank Baum Berg Besen Biene Bild Birne Blatt Blume Boot
    Brief Brille Brot Buch Dach Decke Dorf Ebene Eimer Ente Erbse Eule Fahne
    Falke Farbe Feder Feld Felsen Fisch Flasche Fluss Forelle Frosch Fuchs Gabel Garten Geige
    Gipfel Glas Globus Gurke Hafen Hammer Hase Haus Hecke Hemd Herbst Honig Hose Hund Hut Igel
    Insel Jacke Kabel Kamera Kanne Karte Katze Kerze Kiesel Kino Kirsche Klee Komet Kran
    Kreide Krone Kuchen Kugel Lampe Laub Leiter Linde Linse Lotse Luchs Mantel Mond
    Nadel Nebel Nest Ofen Palme Papier Pfeil Pilz Pinsel Quelle Rabe Radio Regen Reh Ring Rose
    Sand Schiff Segel Sonne Spiegel Stern Stuhl Tafel Tanne Tasse Tiger Tisch Ufer Vogel Wald Welle
    Wiese Wolke Zebra Zelt Ziegel Zirkel""",
}  # fmt: skip
WORDS: Final = {language: tuple(text.split()) for language, text in _NOUNS.items()}


def word_at(secret: bytes, language: str, now: float) -> str:
    """Return the words of a moment (Unix seconds), in the language if we have words in it, else English."""
    return _word(secret, language, int(now) // TURN_SECONDS)


def seconds_left(now: float) -> int:
    """Return for how many seconds the screen still shows the words of this moment, at least one."""
    return turn_ends(now) - int(now)


def turn_ends(now: float) -> int:
    """Return the Unix second in which the words of this moment give way to others."""
    return (int(now) // TURN_SECONDS + 1) * TURN_SECONDS


def opens(secret: bytes, language: str, typed: str, now: float) -> bool:
    """Whether somebody typed the words of now or of the turn before; case, blanks and dashes are free."""
    turn, meant = int(now) // TURN_SECONDS, bare(typed)
    return any(
        hmac.compare_digest(meant.encode(), bare(_word(secret, language, each)).encode())
        for each in (turn, turn - 1)
    )


def bare(typed: str) -> str:
    """Return the letters of what somebody typed, in lower case."""
    text = unicodedata.normalize("NFKC", typed[:MOST_TYPED]).casefold()
    return "".join(letter for letter in text if letter.isalpha())


def ticket(secret: bytes) -> str:
    """Return what a link carries that gets in without the words, as long as they are asked for."""
    return hmac.new(secret, b"ticket", hashlib.sha256).hexdigest()[:TICKET_CHARS]


def is_ticket(secret: bytes, given: str) -> bool:
    """Whether a link of the organizer's led here."""
    return hmac.compare_digest(given.encode(), ticket(secret).encode())


def _word(secret: bytes, language: str, turn: int) -> str:
    words = WORDS.get(language, WORDS["en"])
    drawn = int.from_bytes(hmac.new(secret, b"turn %d" % turn, hashlib.sha256).digest()[:8], "big")
    first, second = drawn % len(words), drawn // len(words) % (len(words) - 1)
    # Never the same one twice.
    return f"{words[first]} {words[second + (second >= first)]}"
