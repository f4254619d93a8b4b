"""`manage.py forget`: who is meant, what would go, what went."""

import io

import pytest
from django.core.management import CommandError, call_command

from engagement.intake.pseudonyms import actor_of
from engagement.models import Act, Attendee
from tests.interventions.personal_data.lives import MARK, TICK, live, tables_with
from tests.support.factories import make_event, make_session, make_signal

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(organisation):
    return make_session(make_event(organisation), code="K74QPX")


def forget(*words):
    out = io.StringIO()
    call_command("forget", *words, stdout=out)
    return out.getvalue()


def test_first_it_only_says_what_would_go(owner, session):
    live(session, owner)
    before = tables_with(MARK)

    said = forget("k74 qpx", "--name", "zyxmarker")

    assert "      5  engagement.Signal\n" in said
    assert "      1  interventions.PollVote\n" in said
    assert "Nothing was changed." in said
    assert tables_with(MARK) == before


def test_with_yes_it_goes_and_the_log_says_by_what(owner, session, valkey):
    her, _, _ = live(session, owner)

    said = forget("K74QPX", "--attendee", str(her.attendee.pk), "--yes")

    assert "Erased." in said
    assert tables_with(MARK) == {}
    assert [(act.kind, act.who) for act in Act.objects.all()] == [("erased", "manage.py forget")]


def test_who_came_by_an_integration_is_found_by_what_it_calls_her(session, valkey):
    actor = actor_of(bytes(session.event.salt), "zoom:42")
    make_signal(session, TICK, actor=actor, text=MARK)

    forget("K74QPX", "--external-id", "zoom:42", "--yes")

    assert tables_with(MARK) == {}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("NOSUCH", "--name", "Ben"), "No session has this code."),
        (("K74QPX", "--attendee", "99999999999999999999"), "Nobody of this event"),
        (("K74QPX", "--external-id", "zoom:1"), "Nobody of this event"),
        (("K74QPX", "--name", "Nobody"), "0 people of this event are called so."),
        (("K74QPX", "--name", "Ann"), "2 people of this event are called so.\n  --attendee "),
    ],
)
def test_whoever_is_not_one_person_is_a_sentence(session, words, sentence):
    for actor in (1, 2):
        Attendee.objects.create(event=session.event, actor=actor, name="Ann")

    with pytest.raises(CommandError, match=sentence):
        forget(*words)
