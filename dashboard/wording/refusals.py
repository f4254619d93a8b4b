"""Refusals in the reader's language: a problem's English words are for the API and for logs.

The words are the message's own, so that a sentence is written once; a test holds every message of
the modules that pages call against this list.
"""

import re
from functools import lru_cache
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from engagement.vocabulary.errors import ProblemError

_NAMED: Final = frozenset(
    {
        gettext_noop("Somebody else"),
        gettext_noop("draft"),
        gettext_noop("running"),
        gettext_noop("stopped"),
        gettext_noop("archived"),
    }
)
"""What stands in a placeholder and is no name: somebody, or the state of an experiment."""
MESSAGES: Final = (
    gettext_noop("%(who)s approved this already."),
    gettext_noop("%(who)s dismissed this already."),
    gettext_noop("%(who)s is editing this."),
    gettext_noop(
        "This was held back (%(why)s), so there are no words to answer. Ask for it again."
    ),
    gettext_noop("The agent is still at work on this."),
    gettext_noop("The agent chose to do nothing here."),
    gettext_noop("This could not be sent."),
    gettext_noop("This was measured already."),
    gettext_noop("This is over already."),
    gettext_noop("This is being sent."),
    gettext_noop("This was sent already."),
    gettext_noop("This has expired. Nothing was sent."),
    gettext_noop("This was stopped. Nothing was sent."),
    gettext_noop("This was held back to measure."),
    gettext_noop("This has changed meanwhile. Look again."),
    gettext_noop("Another suggestion is waiting already."),
    gettext_noop("This expired a moment ago. Nothing was sent."),
    gettext_noop("Too late: this is being sent."),
    gettext_noop("Only what failed can be sent again."),
    gettext_noop("It has waited long enough."),
    gettext_noop("There is no such suggestion."),
    gettext_noop("This session has been started before."),
    gettext_noop("This session is not live."),
    gettext_noop("This session is over."),
    gettext_noop("Other people are watching demos. Try again in a minute."),
    gettext_noop("The counting is away. A demo can begin when it is back."),
    gettext_noop("Another experiment about the same is running. Stop it first."),
    gettext_noop("This is not possible while the experiment is %(status)s."),
    gettext_noop("The experiment has no such variant."),
    # Approving from a phone.
    gettext_noop("This approval is not ours."),
    gettext_noop("This approval is too old. Open the page."),
    gettext_noop("This approval was used already."),
    gettext_noop("You may not approve this any more."),
    # Moderating the chat.
    gettext_noop("%(who)s showed this message already."),
    gettext_noop("%(who)s hid this message already."),
    gettext_noop("This message has changed meanwhile. Look again."),
    gettext_noop("Nobody knows who wrote this. Hide it instead."),
    gettext_noop("There is no such message."),
    gettext_noop("There is no such question."),
    gettext_noop("Somebody decided about this question already."),
    # What is wrong with a person's words.
    gettext_noop("These words cannot be sent."),
    gettext_noop("The text is too short."),
    gettext_noop("The text is too long."),
    gettext_noop("Give two to four options."),
    gettext_noop("An option is empty."),
    gettext_noop("An option has more than 25 characters."),
    gettext_noop("Two options are the same."),
    gettext_noop("Say which option is right."),
    gettext_noop("It can stay open for %(least)s to %(most)s seconds."),
    gettext_noop("It stays open for no set time: leave the seconds out."),
    gettext_noop("There are invisible characters in it."),
    gettext_noop("Look at these words once more. You can send them anyway."),
    # What she is warned of, and may send all the same.
    gettext_noop("The text is very short."),
    gettext_noop("Letters of several alphabets are mixed in a word."),
    gettext_noop("It looks like code or formatting; people see it as it is typed."),
    gettext_noop("It looks like a link."),
    gettext_noop("It looks like personal data."),
    gettext_noop("It has a word that was not to be said."),
    gettext_noop("It may insult somebody."),
    gettext_noop("It is written in capitals."),
    gettext_noop("It is in another language than the session."),
    gettext_noop("It repeats what somebody wrote."),
    gettext_noop("It repeats what was sent lately."),
)
"""Every message a page may show, with placeholders where it names somebody or something."""


def problem_text(problem: ProblemError) -> str:
    """Return a problem's words in the reader's language; as they are where they are not known."""
    for pattern, message in _patterns():
        if found := pattern.fullmatch(problem.message):
            return _(message) % {
                name: _(text) if text in _NAMED else text
                for name, text in found.groupdict().items()
            }
    return problem.message


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The messages as patterns, the plain ones first."""
    ordered = sorted(MESSAGES, key=lambda message: "%(" in message)
    return tuple((_pattern(message), message) for message in ordered)


def _pattern(message: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+)", re.escape(message)))
