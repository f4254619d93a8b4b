"""The list of where a person is: every table with words or pseudonyms is on it or of somebody else."""

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session as Login

from dashboard.audience.attendee.personal_data_page import page_of
from engagement.intake.pseudonyms import source_of
from engagement.models import Act, Device, Metric
from engagement.vocabulary.signal_kinds import UPVOTES, SignalKind
from interventions.models import AgentChange, LlmCall, PushMessage
from interventions.personal_data.export import kept_of
from interventions.personal_data.inventory import PLACES, Fate
from tests.interventions.personal_data.lives import live
from tests.interventions.personal_data.test_thousand_days import NOT_OF_THE_AUDIENCE, may_hold_words
from tests.support.factories import make_event, make_session, make_signal

pytestmark = pytest.mark.django_db
OF_STAFF_AND_NUMBERS = {Act, AgentChange, Device, LlmCall, Login, Metric, PushMessage}
NOT_HERS = NOT_OF_THE_AUDIENCE - {"interventions.Intervention"}


def test_every_table_with_words_or_pseudonyms_is_on_the_list():
    found = {
        model._meta.label
        for model in apps.get_models()
        if model._meta.managed and any(map(may_hold_words, model._meta.concrete_fields))
    }
    listed = {place.model._meta.label for place in PLACES}
    others = {model._meta.label for model in OF_STAFF_AND_NUMBERS} | NOT_HERS

    assert found - others == listed
    assert listed & others == set()


def test_life_has_a_row_at_every_place(owner, organisation):
    her, _, _ = live(make_session(make_event(organisation)), owner)

    empty = [place.model._meta.label for place in PLACES if not place.rows(her).exists()]

    assert empty == ["engagement.Removal"]
    assert {place.fate for place in PLACES if place.model is LogEntry} == {Fate.REWORDED}


def test_all_that_is_kept_is_shown(owner, organisation):
    her, _, _ = live(make_session(make_event(organisation)), owner)

    kept = kept_of(her)

    (session,) = kept["sessions"]
    assert (kept["name"], kept["is_counted"], kept["event"]) == ("Zyxmarker", True, "Summit 2026")
    assert kept["person"] == her.attendee.pk
    assert [each["what"] for each in session["presence"]] == ["join"]
    assert [(each["text"], each["state"]) for each in session["messages"]] == [
        ("zyxmarker says the slides are grey", "shown")
    ]
    assert [(each["text"], each["state"]) for each in session["questions"]] == [
        ("What is zyxmarker for, please?", "open")
    ]
    assert [each["question"] for each in session["upvotes"]] == ["When is lunch?"]
    assert [(each["asked"], each["answer"]) for each in session["votes"]] == [
        ("How is the pace of this section?", "Slow down a little")
    ]
    assert (session["reactions"], session["feelings"], session["other"]) == (
        {"clap": 1},
        {"lost": 1},
        {},
    )
    assert [each["text"] for each in session["quotes"]] == ["What is zyxmarker for, please?"]
    assert session["blocked_at"] is not None


def test_what_was_sent_as_the_name_of_a_question_is_shown(owner, organisation):
    her, _, _ = live(make_session(make_event(organisation)), owner)
    session = her.sessions.get()
    own = source_of(bytes(session.event.salt), UPVOTES)
    make_signal(session, 5, 8, kind=SignalKind.UPVOTE, actor=her.actor, text="17", source=own)
    make_signal(session, 5, 9, kind=SignalKind.UPVOTE, actor=her.actor, text="words of mine")

    upvotes = kept_of(her)["sessions"][0]["upvotes"]
    (part,) = [
        part
        for _, parts in page_of(her, session).sessions
        for part in parts
        if part.title == "Questions you want answered"
    ]

    assert [each.get("sent_as", "") for each in upvotes] == ["", "words of mine"]
    assert [each.text for each in part.entries] == ["When is lunch?", "words of mine"]
