"""The words that the attendee page's scripts need, handed over as JSON: translated like all others."""

from functools import cache
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboard.wording.sentences import sources
from interventions.kinds.registry import acts, declaration_of


def for_attendees() -> dict[str, Any]:
    """Return the words of the line, the card, the questions and the chat; not to be changed."""
    return _in(get_language())


@cache
def _in(language: str | None) -> dict[str, Any]:
    """Translated once for each language: very many people open this page at the same moment."""
    return _line() | _card() | _questions() | _chat()


def hint(mode: str, *, is_heard: bool) -> str:
    """Return what becomes of what somebody writes, in a mode of the chat."""
    hints: dict[str, str] = _chat()["hints"]
    return hints[mode if is_heard else "out"]


def _line() -> dict[str, Any]:
    return {
        "connecting": _("Connecting…"),
        "connected": _("You are in"),
        "waiting": _("You are in. It has not started yet."),
        "reconnecting": _("No connection. Trying again; nothing you write is lost."),
        "sending": _("sending…"),
        "sent": _("sent"),
        "notSent": _("not sent"),
        "slow": _("One moment: this goes out in {seconds} s."),
        "notSaved": _("Not saved: there is no connection. Try again when it is back."),
        "tooLong": _("This is too long."),
        "nothing": _("There is nothing to see in this. Write something."),
        "refused": _("The server did not take this. Change it and send it again."),
        "full": _("Too much is waiting to be sent. Wait until the connection is back."),
        "notLive": _("It has not started yet. What you send waits until it does."),
        "ended": _("This session is over. Thank you for being here."),
        "again": _("Your place here has expired."),
        "removed": _("The organizers have removed you from this session."),
        "elsewhere": _("This session is open in too many tabs. Close one of them."),
        "thanks": _("Thanks, the organizers see how many feel so."),
        "question": _("Question"),
    }


def _card() -> dict[str, Any]:
    return {
        "kinds": {
            kind.value: str(declaration_of(kind).labels.headline)
            for kind in acts()
            if declaration_of(kind).is_for_audience
        },
        "from": sources(),
        "hide": _("Hide"),
        "send": _("Send"),
        "yourAnswer": _("Your answer"),
        "answerSent": _("Thanks, your answer is in the chat."),
        "voting": _("Sending your answer…"),
        "voteWaits": _("No connection. Your answer is kept and goes out by itself."),
        "counted": _("Your answer is in. You can change it until it closes."),
        "joined": _("You are on a team. What you write, ask and react counts for it."),
        "playing": _("What you write, ask and react counts for your team."),
        "tooLate": _("It closed before your answer arrived."),
        "answer1": _("{people} answer."),
        "answers": _("{people} answers."),
        "player1": _("{people} person takes part."),
        "players": _("{people} people take part."),
        "point1": _("{points} point"),
        "points": _("{points} points"),
        "counting": _("Closed. Counting…"),
        "closed": _("Closed"),
        "rightAnswer": _("Right answer: {option}."),
        "youWereRight": _("You had it."),
        "youWereNot": _("Not this time."),
        "winner": _("{team} wins."),
        "draw": _("It is a draw."),
        "breakOver": _("The break is over."),
    }


def _questions() -> dict[str, Any]:
    return {
        "upvotes": _("want this answered"),
        "questionStates": {
            "held": _("waits for a moderator"),
            "open": _("shown to everybody"),
            "hidden": _("not shown to others"),
            "many": _("not shown to others: ask again when one of your questions is answered"),
        },
        "upvoted": _("You want this answered, too."),
        "tryAgain": _("This did not work. Try again in a moment."),
    }


def _chat() -> dict[str, Any]:
    return {
        "you": _("You"),
        "guest": _("Guest"),
        "now": _("now"),
        "minutes": _("{n} min"),
        "hours": _("{n} h"),
        "newer": _("{n} new"),
        "leftOut1": _("{n} more message"),
        "leftOut": _("{n} more messages"),
        "held": _("waits for a moderator"),
        "hiddenNote": _("not shown to others"),
        "notKept": _("not kept"),
        "hints": {
            "closed": _(
                "What you send reaches the organizers; it is not shown to others on this page."
            ),
            "open": _("Everybody here sees what you write."),
            "first": _("A moderator looks at your first message before others see it."),
            "all": _("A moderator looks at each message before others see it."),
            "out": _(
                "You are not counted, so what you write is not kept and reaches nobody. "
                "You can read along and vote."
            ),
        },
    }
