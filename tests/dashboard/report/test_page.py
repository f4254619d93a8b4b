import datetime as dt
import json
import re

import pytest
from django.urls import reverse

from engagement.models import SessionStatus
from engagement.vocabulary.clock import tick_of
from interventions.kinds import Kind
from interventions.models import PollVote, Question, QuestionUpvote
from tests.conftest import NOON
from tests.dashboard.agent_rooms import decision, make, past, story
from tests.dashboard.rooms import fill
from tests.interventions.audience.rooms import make_sent
from tests.support.factories import make_event, make_metric, make_session

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _at_noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def session(organisation, owner):
    session = make_session(
        make_event(organisation),
        status=SessionStatus.ENDED,
        started_at=NOON - 40 * MINUTE,
        ended_at=NOON,
    )
    fill(session, "drop", NOON)
    story(session, NOON, owner)
    return session


def page(client, session):
    return client.get(reverse("session-report", args=[session.pk])).content.decode()


def test_report_is_for_members_only(client, viewer, stranger, session):
    url = reverse("session-report", args=[session.pk])
    assert client.get(url).status_code == 302

    client.force_login(stranger)
    assert client.get(url).status_code == 404
    client.force_login(viewer)
    assert client.get(url).status_code == 200


def test_report_tells_what_was_sent_what_followed_and_what_was_left_alone(client, owner, session):
    alone = decision("HOLD", reasons=[{"code": "nothing_better", "params": {"percent": 61}}])
    make(session, NOON - 10 * MINUTE, "left_alone", kind="HOLD", content=None, decision=alone)
    client.force_login(owner)

    html = page(client, session)

    assert "Ready for the live demo?" in html
    assert "about +4 when left alone" in html
    assert "2 of 3 worked" in html
    assert "Nothing looked better than doing nothing." in html
    assert "too few to tell the effect" in html


def test_report_says_who_let_it_out_and_of_what_was_held_back_why(client, owner, session):
    past(session, NOON - 8 * MINUTE, approved_as="API key console")
    past(session, NOON - 12 * MINUTE)
    own = {"code": "no_score", "kind": "POLL", "until": None, "params": {}}
    make(session, NOON - 30 * MINUTE, "held_back", content=None, refused_by=[own])
    client.force_login(owner)

    html = page(client, session)

    assert html.count("API key console approved") == 1
    assert html.count("Sent automatically") == 2
    assert "Poll held back: there was no score to go by." in html


def test_report_lists_questions_nobody_answered_most_wanted_first(client, owner, session):
    for seq, (text, status) in enumerate(
        (("Where is the code?", "open"), ("Who pays?", "open"), ("What time is it?", "answered"))
    ):
        question = Question.objects.create(
            session=session, source=1, seq=seq, actor=seq, text=text, asked_at=NOON, status=status
        )
        if text == "Who pays?":
            QuestionUpvote.objects.create(question=question, actor=9, at=NOON)
    client.force_login(owner)

    html = page(client, session)

    assert html.index("Who pays?") < html.index("Where is the code?")
    assert "What time is it?" not in html


def test_replay_has_every_moment_and_what_was_said_of_it(client, owner, session):
    client.force_login(owner)

    html = page(client, session)
    data = json.loads(re.search(r'id="replay-data"[^>]*>(.*?)</script>', html)[1])

    times = [point[0] for point in data["points"]]
    assert times == sorted(times)
    assert len(times) <= 482
    assert all(len(point) == 5 for point in data["points"])
    assert [at for at, _ in data["told"]] == sorted(at for at, _ in data["told"])
    assert any("Ready for the live demo?" in text for _, text in data["told"])


def test_files_of_the_report_are_there_for_the_person_who_is_signed_in(client, owner, session):
    client.force_login(owner)

    links = re.findall(r'href="([^"]+\.(?:xlsx|csv|json))"', page(client, session))

    assert len(links) == 15
    for link in links:
        assert client.get(link).status_code == 200
    table = client.get(next(link for link in links if link.endswith("interventions.csv")))
    assert table.content.startswith(b"\xef\xbb\xbf")


def test_session_without_interventions_has_a_report(client, owner, organisation):
    session = make_session(make_event(organisation), status=SessionStatus.ENDED)
    client.force_login(owner)

    assert "Nothing was sent in this session." in page(client, session)


def test_live_session_has_a_report_so_far(client, owner, organisation):
    session = make_session(make_event(organisation), started_at=NOON - 5 * MINUTE)
    fill(session, "calm", NOON)
    client.force_login(owner)

    html = page(client, session)

    assert "To the live page" in html
    assert "· 5 minutes ·" in html


def test_votes_of_our_own_polls_count_beside_those_of_the_platform(client, owner, organisation):
    session = make_session(make_event(organisation), status=SessionStatus.ENDED)
    make_metric(session, tick_of(session.started_at.timestamp()) + 2, votes=7)
    for kind, people in ((Kind.POLL, 401), (Kind.QUIZ, 3)):
        sent = make_sent(session, kind, correct=0)
        PollVote.objects.bulk_create(
            PollVote(intervention=sent, actor=actor, option=actor % 3, voted_at=NOON)
            for actor in range(people)
        )
    make_sent(make_session(session.event), Kind.POLL).votes.create(actor=1, option=0, voted_at=NOON)
    client.force_login(owner)

    html = page(client, session)

    assert re.search(r'Votes</th><td class="r">411<', html)
