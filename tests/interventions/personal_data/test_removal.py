"""Removing a person: nothing she sent is shown or counted; it can be taken back."""

import datetime as dt
import json

import pytest
from django.test import Client

from engagement.models import Removal, Signal
from engagement.sessions import attendee_tokens
from engagement.vocabulary.errors import ProblemError
from interventions.agent.writing.services import _chat_lines
from interventions.api import exports
from interventions.audience import pulse_counts
from interventions.audience.chat import lines as chat_lines
from interventions.audience.chat import moderation as chat_moderation
from interventions.audience.chat import publication as chat_publication
from interventions.audience.polls import tallies, voting
from interventions.audience.questions import moderation as question_moderation
from interventions.audience.questions import queries as question_queries
from interventions.audience.questions import services as questions
from interventions.models import AgentChange, AuditRecord, ChatLine, Question
from interventions.personal_data import removal
from tests.conftest import NOON
from tests.interventions.audience.chat.rooms import listening, say, told
from tests.interventions.personal_data.lives import ASKED, CHAT, HER, OTHER, live
from tests.support.factories import make_event, make_session

pytestmark = pytest.mark.django_db
SOON = NOON + dt.timedelta(seconds=5)


@pytest.fixture
def session(organisation):
    event = make_event(organisation, model_reads_since=NOON - dt.timedelta(hours=1))
    return make_session(event, code="K74QPX")


@pytest.fixture
def life(owner, session, valkey):
    return live(session, owner)


@pytest.fixture
def doing(owner):
    return {"by": owner, "who": "alice", "now": SOON}


def everything(session, poll):
    """What pages, files and prompts show and count of a session."""
    desk = chat_moderation.desk(session.pk)
    return {
        "lines": {line.text for line in [*desk.waiting, *desk.shown, *desk.hidden]},
        "questions": {
            each.text: each.upvotes for each in question_queries.listed(session.pk, OTHER)
        },
        "held": {row.text for row in question_moderation.held(session.pk)},
        "file": {row["text"] for row in exports.questions(session)},
        "votes": tallies.counts_of(poll.pk),
        "feelings": pulse_counts.counts(session.pk, SOON)["lost"],
        "prompt": {text for _, text in _chat_lines(session, SOON)},
    }


def test_everything_she_sent_is_gone_and_comes_back(session, life, doing):
    _, poll, quoting = life
    Question.objects.filter(actor=HER).update(asked_at=NOON)
    before = everything(session, poll)

    row = removal.remove(session, HER, **doing)
    without = everything(session, poll)
    removal.take_back(session, row.pk, **doing)

    assert before == {
        "lines": {CHAT, "Mine"}, "questions": {ASKED: 1, "When is lunch?": 1}, "held": set(),
        "file": {ASKED, "When is lunch?"}, "votes": [0, 2, 0], "feelings": 1,
        "prompt": {CHAT, "Mine"},
    }  # fmt: skip
    assert without == {
        "lines": {"Mine"}, "questions": {"When is lunch?": 0}, "held": set(),
        "file": {"When is lunch?"}, "votes": [0, 1, 0], "feelings": 0, "prompt": {"Mine"},
    }  # fmt: skip
    assert everything(session, poll) == before
    assert (row.name, row.removed_by) == ("Zyxmarker", doing["by"])
    quoting.refresh_from_db()
    assert quoting.content["quote"] == "[no longer shown]"


def test_what_a_moderator_hid_stays_hidden_and_what_waits_waits_again(session, life, doing):
    ChatLine.objects.filter(actor=HER).update(state="hidden", decided_at=NOON)
    Question.objects.filter(actor=HER).update(status="held", why="first")

    row = removal.remove(session, HER, **doing)
    removal.take_back(session, row.pk, **doing)

    assert ChatLine.objects.get(actor=HER).state == "hidden"
    assert Question.objects.get(actor=HER).status == "held"


def test_she_can_do_nothing_more_and_leaves_no_row(session, life, valkey, doing):
    _, poll, _ = life
    theirs = Question.objects.get(actor=OTHER)
    removal.remove(session, HER, **doing)
    lines = ChatLine.objects.count()

    codes = []
    for act in (
        lambda: voting.cast(poll.pk, HER, 2, SOON),
        lambda: voting.cast(poll.pk, HER, 1, SOON),
        lambda: questions.upvote(session.pk, theirs.pk, HER, SOON),
    ):
        with pytest.raises(ProblemError) as caught:
            act()
        codes.append(caught.value.code)
    say(valkey, session, "Me again", HER)
    chat_lines.take_all(NOON)

    assert codes == ["removed"] * 3
    assert ChatLine.objects.count() == lines
    assert Signal.objects.filter(actor=HER).count() == 5


def test_pages_are_told_at_once(session, life, valkey, doing, django_capture_on_commit_callbacks):
    _, poll, quoting = life
    chat_publication.tell_changed(NOON)
    line = ChatLine.objects.get(actor=HER)

    with listening(valkey) as heard, django_capture_on_commit_callbacks(execute=True):
        removal.remove(session, HER, **doing)
        chat_publication.tell_changed(SOON)

    attendees = told(heard)
    assert [frame["gone"] for frame in attendees if frame["type"] == "chat"] == [[line.pk]]
    assert [(f["id"], f["counts"]) for f in attendees if f["type"] == "tally"] == [
        (poll.pk, [0, 1, 0])
    ]
    assert [(f["id"], f["quote"]) for f in attendees if f["type"] == "interaction"] == [
        (quoting.pk, "[no longer shown]")
    ]
    assert "questions" in {frame.get("name") for frame in attendees}
    assert {"chat", "feed"} <= {frame.get("name") for frame in told(heard, "host")}


def test_log_says_who_did_it_and_nothing_of_her(session, life, doing):
    row = removal.remove(session, HER, **doing)
    removal.remove(session, HER, **doing)
    removal.take_back(session, row.pk, **doing)

    assert list(AgentChange.objects.order_by("pk").values_list("what", "who")) == [
        ("remove", "alice"),
        ("return", "alice"),
    ]
    audited = AuditRecord.objects.filter(theme="agent")
    assert {(row.subject, row.who, row.detail) for row in audited} == {
        ("remove", "alice", ""),
        ("return", "alice", ""),
    }
    with pytest.raises(ProblemError, match="is not removed"):
        removal.take_back(session, row.pk, **doing)


def test_of_nobody_there_is_nobody_to_remove(session, doing):
    with pytest.raises(ProblemError) as caught:
        removal.remove(session, 0, **doing)

    assert caught.value.code == "chat_nobody"
    assert not Removal.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_her_token_opens_no_door(session, life, doing):
    removal.remove(session, HER, **doing)
    bearer = {
        "Authorization": f"Bearer {attendee_tokens.issue(attendee_tokens.Pass(session.pk, HER, True))}"
    }

    answer = Client().get(f"/api/v1/attend/{session.pk}/chat/", headers=bearer)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "removed")
    assert "removed you" in json.loads(answer.content)["error"]["message"]
