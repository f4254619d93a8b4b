"""Whose words wait and whose do not: people's names, questions and chat, and the reverse of each bar."""

import time
from pathlib import Path

import django
import polib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interventions.text_checks import contact, weighing
from interventions.text_checks.swearing import swears
from interventions.text_checks.text_gate import Refusal, holds, holds_name
from tests.bench.speed import texts
from tests.support.texts import LANGUAGES, honest, learn

_THERE = "de fr es it pt pl ru nl tr sv fi cs ro ar fa ja hi vi id hu da nb ca hr sk sl et"
DJANGO_SPEAKS = _THERE.split()


def test_names_of_the_world_are_no_swear_words():
    # The bench looks at all six rooms of each, 90 s of a core.
    assert texts.of_names(rooms=1).share <= 0.001


def test_honest_questions_and_lines_are_shown():
    found = [texts.of_honest(language) for language in LANGUAGES]

    assert sum(each.held + each.shown for each in found) >= 2_000
    assert sum(each.held for each in found) <= 0.005 * sum(e.held + e.shown for e in found)


def test_few_honest_lines_are_held_that_the_lists_never_saw():
    found = [texts.of_honest(language, is_held_out=True) for language in LANGUAGES]

    assert sum(each.held for each in found) <= 0.02 * sum(e.held + e.shown for e in found)


def test_honest_lines_are_shown_in_a_room_of_another_language():
    held = [
        (room, text)
        for language in LANGUAGES
        for text in honest(language)
        for room in ("en", "de", "fr")
        if holds(text, room)
    ]

    assert len(held) <= 0.005 * 3 * sum(len(honest(language)) for language in LANGUAGES)


@pytest.mark.parametrize(("is_held_out", "most"), [(False, 0.03), (True, 0.14)])
def test_hostile_lines_are_held(is_held_out, most):
    found = [texts.of_hostile(language, is_held_out=is_held_out) for language in LANGUAGES]

    assert sum(each.shown for each in found) <= most * sum(e.held + e.shown for e in found)


def test_weights_are_those_of_the_sorted_lines():
    """`python -m tests.support.texts.learn` was run since a line was added or sorted anew."""
    made_of, _, _ = learn.FILE.read_text(encoding="utf-8").partition("\n")

    assert made_of == learn.digest(learn.sorted_lines())


def test_weights_are_learned_the_same_way_again():
    lines = learn.sorted_lines()[::40]

    assert learn.learned(lines) == learn.learned(list(lines))
    assert any(weight > 0 for weight in learn.learned(lines).values())


@pytest.mark.parametrize("insult", ["you stupid bitch", "shut up you fat pig", "kill yourself"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_insult_is_none_the_lighter_for_honest_words_around_it(insult, place):
    around = ["does the ASP.NET middleware run before the auth handler in version 8.0.11"] * 2
    around.insert(place, insult)

    assert holds(", ".join(around), "en") is Refusal.PROFANITY


@pytest.mark.parametrize(
    ("text", "is_held"),
    [
        ("gorda nojenta", True),
        ("eres escoria", True),
        ("Wolf Dick", False),
        ("null pointer", False),
        ("gracias doctora", False),
    ],
)
def test_two_words_are_weighed(text, is_held):
    assert weighing.is_hostile(text, "en") == is_held


def test_every_part_of_a_language_is_read():
    """Lines stand in several parts of a file, one for each time that some were added."""
    assert {"Thanks, doc", "Why is List<String> not a subtype of List<Object> in Java?"} <= set(
        honest("en")
    )


@pytest.mark.parametrize("text", ["", "Xq", "Zdravo svima", "ขอบคุณ", "γεια σας", "12", "?"])
def test_text_of_which_nothing_is_known_is_neither(text):
    assert not weighing.is_hostile(text, "en")


def test_sentences_that_others_wrote_in_thirty_languages_insult_nobody():
    """Django's own translations: what pages, forms and times are called all over the world."""
    folder = Path(django.__file__).parent
    found = {
        (file.parts[-3].partition("_")[0], entry.msgstr)
        for file in folder.glob("**/locale/*/LC_MESSAGES/django.po")
        for entry in polib.pofile(str(file))
        if entry.msgstr and file.parts[-3][:2] in DJANGO_SPEAKS
    }

    held = [text for language, text in found if swears(text, language)]

    assert len(found) > 10_000
    assert len(held) <= 0.001 * len(found)


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "pt", "pl", "ru", "ja"])
@pytest.mark.parametrize(
    "name", ["Peter", "Regina Wolf", "Mona", "Pinto", "Concha", "Semen", "Dick"]
)
def test_usual_name_is_a_name_in_every_language(name, language):
    assert not holds_name(name, language)
    assert holds(f"Thanks {name}, good point", language) is None
    assert holds(f"What does {name} think about it?", language) is None


@pytest.mark.parametrize(
    "name",
    [
        "Organizer", "The Moderator", "Veranstalter", "Arschloch", "x.com/win", "0rganizer", "Аdmin", "HOST",
        "A d m i n", "a.d.m.i.n", "Admin1", "ADMIN ✅", "Moderat0r", "Organizers", "Event Team Host",
        "Modérateur", "moderateur", "Anfitrión", "Organizzatore", "Moderadores", "Anfitrião", "Gastgeberin",
        "L'animatrice",
        "Ad\u200bmin", "𝐀𝐝𝐦𝐢𝐧", "Tech Support", "Assistenza",
        "Hall Security", "Polizei", "Sécurité", "Your Speaker", "Keynote speaker", "Orga-Team",
    ],
)  # fmt: skip
def test_name_that_claims_or_insults_is_looked_at(name):
    assert holds_name(name, "en")


@pytest.mark.parametrize(
    "text",
    [
        "I did not get it.It was too fast", "Nice.To see you", "Danke.at all", "Anna B.Sc.at TU",
        "Why List<String> and not an array?", "Does this work with ASP.NET Core?", "12 500 000 users",
        "Which language model do you use?", "I'm sorry, could you repeat the last slide?",
        "Is socket.io faster than Node.js alone?", "@media or @container?", "@anna say it again",
        "react@18.2.0 or react@19?", "See main.py and lib.rs", "ISBN 978-3-16-148410-0", "v10.0.19045",
        "from 2019-2024", "1 2 3 4 5 6 7 8", "10.000.000", "from my point of view, punto de vista",
        "two lines\nof one question", "می‌خواهم بدانم", "is that 👩‍💻 or 🏳️‍🌈?", "kΩ and µm, Δx",
        "SQLом и APIшка", "C:\\Users\\x", "x**2 and a && b", "\u200fשלום\u200e (a)", "the dot com bubble",
        'Holden says "goddam" and "crap" on every page', "who was called an idiot by his boss?",
        "„Hurensohn“ hat mich ein Schüler genannt", "le mot « salope » dans Zola est-il rare ?",
        "does kill send signal 15?", "we call it 250000 times a second", "ref 0045871236 is missing",
        "one two three four five six seven eight, can you hear me", "crisis line: call 0800 1110111",
        "la tête de nègre s'appelle tête choco", "does your bank send a code to confirm the login?",
        "no.is it recorded?", "gracias.de nada", "2147483647", "Tel Aviv, 1948",
    ],
)  # fmt: skip
def test_ordinary_writing_is_shown(text):
    assert holds(text, "en") is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("https://evil.example/win", Refusal.LINK), ("see heise.de for it", Refusal.LINK),
        ("WWW.EVIL.ORG", Refusal.LINK), ("bit.ly/3xYz9", Refusal.LINK), ("evil dot com", Refusal.LINK),
        ("go to orf.at", Refusal.LINK), ("evil[.]com", Refusal.LINK), ("win-big.to", Refusal.LINK),
        ("ann.lee@example.com", Refusal.PERSONAL), ("ann (at) mail.example", Refusal.PERSONAL),
        ("call 030 1234567", Refusal.PERSONAL), ("+1 415 555 2671", Refusal.PERSONAL),
        ("06 12 34 56 78", Refusal.PERSONAL), ("4111 1111 1111 1111", Refusal.PERSONAL),
        ("null eins sieben eins drei neun zwei null null fünf", Refusal.PERSONAL),
        ("mi insta es @la_nena_07", Refusal.PERSONAL),
        ("send 0.1 BTC and get 0.2 BTC back, guaranteed", Refusal.LINK),
        ("reply with your password now, it support", Refusal.LINK),
        ('you are a "bitch"', Refusal.PROFANITY), ("sei una tr*ia", Refusal.PROFANITY),
        ("DE89 3704 0044 0532 0130 00", Refusal.PERSONAL), ("abc\u202edef", Refusal.DISGUISE),
        ("раураl support", Refusal.DISGUISE), ("ﷺ" * 100 + " f u c k", Refusal.PROFANITY),
    ],
)  # fmt: skip
def test_what_leads_away_or_hides_waits(text, why):
    assert holds(text, "en") in ({why, Refusal.DISGUISE} if "ﷺ" in text else {why})


@pytest.mark.parametrize(
    "word",
    [
        "fuck", "f u c k", "f.u.c.k", "fu ck", "fuuuuck", "FUCK", "ｆｕｃｋ", "fück", "fu\u200bck",
        "f**k", "fvck",
        "fuсk", "f@ck", "f\u0336u\u0336c\u0336k\u0336", "𝓯𝓾𝓬𝓴", "ⓕⓤⓒⓚ", "f-u-c-k", "f\u00aduck", "ꜰᴜᴄᴋ",
    ],
)  # fmt: skip
def test_disguise_does_not_help(word):
    assert swears(f"well {word} this", "en")


@pytest.mark.parametrize(
    ("text", "language"),
    [("con permiso", "fr"), ("Der Draht ist zu dick", "en"), ("Moby Dick", "en"), ("cul-de-sac", "fr"),
     ("Scunthorpe", "en"), ("cum laude", "de"), ("shiitake", "ja"), ("la guerra di Troia", "it"),
     ("Die FDP war dagegen", "pt"), ("coq au vin", "en"), ("Matsushita", "en")],
)  # fmt: skip
def test_word_of_one_language_is_innocent_in_another(text, language):
    assert holds(text, language) is None


@pytest.mark.parametrize(
    "name",
    [
        "Ina Support",
        "Hostetler",
        "Marta Amministrato",
        "Modesta",
        "Tech Lead Anna",
        "Teamwork",
        "Organa",
        "Mod Bernard",
    ],
)
def test_name_with_an_office_in_it_is_a_name(name):
    assert not holds_name(name, "en")


SHAPES = [
    "a", "a.", "a-", "1 ", "a.b-", "ﷺ", "@a", "a@", "( dot ) ", "1(", "e\u0301", "f u ",
    "f*", "а", "signal a",
    "AA11 ", "you are such a ", "\u200d", "w.", " ", "a1", "call 1 ",
]  # fmt: skip


def _seconds(look, text):
    best = 1e9
    for _ in range(3):
        started = time.process_time()
        look(text)
        best = min(best, time.process_time() - started)
    return best


@pytest.mark.parametrize("shape", SHAPES)
def test_looking_grows_no_faster_than_the_text(shape):
    """Four times the text takes less than ten times as long; with its square it would be sixteen."""
    looks = (
        lambda text: contact.link(text), lambda text: contact.personal(text),
        lambda text: contact.leads_away(text, "en"), lambda text: contact.tells_person(text),
        lambda text: swears(text, "en"), lambda text: weighing.is_hostile(text, "en"),
        lambda text: weighing.is_honest(text, "en"),
    )  # fmt: skip

    for look in looks:
        short, long = (_seconds(look, (shape * n)[:n]) for n in (2_000, 8_000))
        assert long <= 10 * short + 0.002


@given(text=st.text(st.characters(exclude_categories=("Cs",)), max_size=500))
def test_every_text_has_an_answer(text):
    assert holds(text, "en") in {None, *Refusal}
