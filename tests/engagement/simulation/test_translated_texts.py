"""What a made-up audience says in German: every sentence, and no other."""

from engagement.simulation import texts
from engagement.simulation.translated_texts import said_in

SAME = {"+1", "Hm", "ok"}


def test_every_sentence_is_german_in_a_german_session() -> None:
    said = [*texts.LIVELY, *texts.FADING, *texts.RETURNING, *texts.QUESTIONS]

    assert {each for each in said if said_in("de", each) == each} == SAME
    assert all(said_in("en", each) == each for each in said)
    assert all(said_in("fr", each) == each for each in said)


def test_what_is_no_sentence_stays() -> None:
    assert said_in("de", "p1:yes") == "p1:yes"
    assert said_in("de", "clap") == "clap"
