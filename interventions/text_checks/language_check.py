"""Whether a text is in the language it should be in, told by script and by small words."""

import re
from typing import Final

from interventions.text_checks.disguises import scripts

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
# More of them, to tell what a text is in: here a word may belong to several languages.
_MORE: Final = {
    "en": "a an i in on at is was be by as so if or but my me he she him her his am has had can will there"
    " just really good thanks please about into no all any some more then than up out off go get got don"
    " very too let us one were been did does could isn your re ll",
    "de": "ich er es wir an am in bei aus um nach vor wenn aber nur sehr mal man kann kannst hast hat sind"
    " bin bist war gut danke bitte alle alles diese dieser dieses dem des mir mich ihm ihn halt so kein keine"
    " keinen gibt wird werden muss soll mein meine zum zur da dann wieder immer als bitte eurer ja nein doch",
    "fr": "je tu il elle on nous ils elles un une de du la et est en ce ces cette mon ma mes ton ta tes son"
    " sa ses au aux ne pas plus très bien merci bonjour c d l qu j n s t y mais où si tout tous fait être"
    " avoir comment pourquoi quand sont suis es êtes va vais ça cela donc",
    "es": "yo tú él ella la lo un de del y en a se me te nos os mi tu su es son soy eres hay muy bien gracias"
    " hola esta este esto eso ese si sí no ya todo todos cuando donde dónde sobre entre porque también puede"
    " hace hacer como al le les sin",
    "it": "io tu lui lei noi voi loro la lo i un di del della dei delle e è in a si mi ti ci vi mio tuo suo"
    " non ma molto bene grazie ciao questo questa quello cosa perché quando dove anche al alla nel nella da"
    " ho hai ha sei siamo tutti tutto se ne cosa c l d dell all",
    "pt": "eu tu ele ela nós eles a o um de do da dos das e é em no na se me te meu minha teu tua seu sua"
    " muito bem obrigado obrigada olá isto isso este esta esse essa quando onde porque também pode fazer ao"
    " à pelo pela nos nas há foi ser ter já tem vai",
    "pl": "i w na z do się nie jest to że co jak czy dla po od ale tak za ten ta te mi ja ty on są był przez"
    " o a bardzo dziękuję proszę gdzie kiedy dlaczego jesteś mnie cię",
    "ru": "и в на с не что как это я ты он она мы вы они по но за из у так же от для до бы ли",
}
_TELLING: Final = {
    name: frozenset(f"{_LISTS.get(name, '')} {more}".split()) for name, more in _MORE.items()
}
SMALL_WORDS: Final = {name: frozenset(words.split()) for name, words in _LISTS.items()}
CYRILLIC: Final = frozenset({"ru", "uk", "bg", "sr"})
_ENOUGH: Final = 2
_NEAR: Final = 0.7
_TELLS: Final = 0.25
_LOOKED_AT: Final = 600
"""Characters that tell a text's language."""


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


def languages_of(text: str, default: str) -> set[str]:
    """Return the languages a text may be in, by its small words; `default` where it has none.

    Of a few words several languages are possible, and then the default is one of them.
    """
    own = default.partition("-")[0]
    words = re.findall(r"[^\W\d_]+", text[:_LOOKED_AT].casefold())
    counts = {name: sum(word in small for word in words) for name, small in _TELLING.items()}
    most = max(counts.values())
    if not most:
        return {"ru"} if scripts(text[:_LOOKED_AT]) == {"CYRILLIC"} else {own}
    found = {name for name, count in counts.items() if count >= _NEAR * most}
    if most >= max(_ENOUGH, _TELLS * len(words)):
        return found
    # Too little to go by: what a room of a language that we know no words of speaks is its own.
    return found | {own} if own in _TELLING else {own}
