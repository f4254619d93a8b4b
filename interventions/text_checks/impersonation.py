"""Whether a name says that somebody speaks for the organizers, in whatever letters it is written."""

import re
import unicodedata
from typing import Final

from interventions.text_checks.swearing.folding import forms, unaccented

LONGEST: Final = 200
"""Characters of a name that are looked at."""
_OFFICES: Final = (
    "organizer organiser host cohost admin administrator moderator mod moderation support helpdesk"
    " staff system sysadmin presenter"
    " veranstalter veranstalterin moderatorin gastgeber gastgeberin organisator organisatorin administratorin"
    " veranstaltung technik leitung"
    " organisateur organisatrice animateur animatrice modérateur modératrice hôte hôtesse administrateur"
    " administratrice assistance"
    " organizador organizadora moderador moderadora anfitrión anfitriona administrador administradora soporte"
    " organizzatore organizzatrice moderatore moderatrice amministratore amministratrice assistenza"
    " anfitrião anfitriã suporte apoio"
    # Whom people follow where something happens, and who speaks.
    " security police polizei sicherheitsdienst sécurité seguridad policía sicurezza polizia segurança"
    " polícia speaker orga referent referentin oratore relatore orador oradora ponente conférencier"
)
_BESIDE: Final = (
    "the der die das le la les l el il lo o a os as team event official offiziell officiel officielle oficial"
    " ufficiale equipo équipe squadra equipa equipe técnico technical tech it customer chat live room main"
    " webinar session zoom de du do da di del della des of fire keynote your our hall stage guest"
)
_SHORT: Final = 4
_PLURAL: Final = re.compile(r"(?:s|es|en|i|nen)$")
# "_" is no letter here: what may be either between two letters is tried in every way there is.
_SPELT: Final = re.compile(r"(?<![^\W_])(?:[^\W_][\s._*-]+){3,}[^\W_](?![^\W_])")


def _all(text: str) -> frozenset[str]:
    return frozenset({*text.split(), *map(unaccented, text.split())})


_RESERVED: Final = _all(_OFFICES)
_WITH: Final = _all(_BESIDE)


def is_reserved(name: str) -> bool:
    """Whether a name is that of an office: "The Moderator", "0rganizer", "А d m i n" in other letters."""
    plain = unicodedata.normalize("NFKC", name[:LONGEST])
    shown = "".join(c for c in plain if unicodedata.category(c) != "Cf").casefold()
    joined = _SPELT.sub(lambda found: re.sub(r"[\s._*-]+", "", found.group()), shown)
    words = [word for word in re.findall(r"[^\W_]+", joined) if not word.isdigit()]
    offices = [_is_office(word) for word in words]
    return any(offices) and all(
        office or not _WITH.isdisjoint(forms(word))
        for office, word in zip(offices, words, strict=True)
    )


def _is_office(word: str) -> bool:
    """Whether a word is an office, of one or several, also with a number behind it ("admin1")."""
    read = {each for word in (word, word.rstrip("0123456789")) for each in forms(word)}
    one = {_PLURAL.sub("", each) for each in read if len(each) > _SHORT}
    return not _RESERVED.isdisjoint(read | one)
