"""The door of a session that asks for the words on its screen: who may not read them does not get in.

Wrong ones are counted by session and network; what was right goes on being right for a hall behind one
address, whoever guesses beside it.
"""

from math import ceil

from engagement.doors.admission import join_words
from engagement.limits.guess_limit import WORDS
from engagement.models import Session
from engagement.vocabulary.errors import forbidden, rate_limited


def check(session: Session, typed: str, ticket: str, network: str, now: float) -> None:
    """Let somebody new on who typed the words or came by the organizer's link (`ticket`).

    `now`: Unix seconds. Raises a permission error "word_needed" or "word_wrong", a rate limit
    "too_many_words". Where no words are asked for everybody gets on.
    """
    secret = bytes(session.door_secret or b"")
    if not secret or join_words.is_ticket(secret, ticket):
        return
    meant = join_words.bare(typed)
    if not meant:
        raise forbidden("word_needed", "Type the words that are on the screen.", "word")
    if wait := WORDS.wait(network, meant, now, of=session.pk):
        raise rate_limited(
            "too_many_words", "Too many wrong words came from your network. Try again later.",
            field="word", retry_after=max(1, ceil(wait)),
        )  # fmt: skip
    if not join_words.opens(secret, session.language, typed, now):
        WORDS.wrong(network, now, of=session.pk)
        raise forbidden(
            "word_wrong", "These are not the words on the screen. They change: look again.", "word"
        )
    WORDS.right(network, meant, now, of=session.pk)
