import datetime as dt
import time

import pytest
from django.urls import reverse

from dashboard.report import what_if
from dashboard.report.what_if import Question
from engagement.detection import DEFAULT_TUNING, make
from engagement.detection.base import Readings
from engagement.models import Anomaly, Metric, SessionStatus
from engagement.scoring import DEFAULT, Profile
from engagement.sessions.agenda import Agenda
from engagement.vocabulary.signal_kinds import AnomalyKind
from tests.conftest import NOON
from tests.dashboard.rooms import calm, drop, fill
from tests.support.factories import make_event, make_session

ASKED = {
    "detector": "scan", "warning": "60", "critical": "80", "chat": "30", "polls": "25",
    "active": "25", "reactions": "10", "questions": "10",
}  # fmt: skip


def ask(facts, **fields):
    question = Question(**{"profile": DEFAULT, "detector": "scan", **fields})
    return what_if.answer(list(facts), question, Agenda(), DEFAULT_TUNING)


def reading(score):
    return Readings(0.0, 0.0, 0.0, 0.0, score, AnomalyKind.SUDDEN_DROP, None)


def test_other_weights_give_another_score_and_the_same_alarms():
    chat_only = Profile(weights=(100.0, 0.0, 1.0, 0.0, 0.0))

    usual, other = (
        ask(drop(1_000, 400), profile=profile, warning=0.3) for profile in (DEFAULT, chat_only)
    )

    assert [each.t for each in usual.counted] == [each.t for each in other.counted]
    assert usual.counted[-1].score != other.counted[-1].score
    assert usual.raised == other.raised
    assert usual.raised != []


def test_lower_lines_never_raise_fewer_alarms_and_highest_none():
    heard = [
        len(ask(drop(1_000, 400), warning=warning, critical=warning + 0.04).raised)
        for warning in (0.2, 0.6, 0.95)
    ]

    assert heard == sorted(heard, reverse=True)
    assert heard[0] > 0


@pytest.mark.parametrize(
    ("score", "seen"), [(0.0, 0.0), (0.25, 0.3), (0.5, 0.6), (0.7, 0.7), (0.9, 0.8), (1.0, 1.0)]
)
def test_lines_are_moved_to_where_they_usually_are(score, seen):
    question = Question(DEFAULT, "scan", 0.5, 0.9)

    assert what_if.moved(reading(score), question).score == pytest.approx(seen)


def test_usual_lines_leave_the_evidence_as_it_is():
    assert what_if.moved(reading(0.123), Question(DEFAULT, "scan")).score == 0.123


@pytest.mark.parametrize("detector", ["scan", "hybrid"])
def test_four_hours_are_counted_again_in_less_than_a_second(detector):
    make(detector)
    facts = list(calm(1_000, what_if.MOST_TICKS))
    started = time.process_time()

    ask(facts, detector=detector)

    assert time.process_time() - started < 1.0


@pytest.fixture
def session(organisation, time_machine):
    time_machine.move_to(NOON, tick=False)
    session = make_session(
        make_event(organisation),
        status=SessionStatus.ENDED,
        started_at=NOON - dt.timedelta(minutes=40),
        ended_at=NOON,
        agenda=[],
    )
    fill(session, "drop", NOON)
    return session


def report(client, session, **asked):
    return client.get(reverse("session-report", args=[session.pk]), asked)


@pytest.mark.django_db
def test_same_settings_give_the_score_that_was_stored(client, owner, session):
    client.force_login(owner)

    other = report(client, session, **ASKED).context["other"]

    stored = Metric.objects.filter(session=session).order_by("time").values_list("score", flat=True)
    assert [each.score for each in other.answer.counted] == list(stored)
    assert other.averages[0] == other.averages[1]


@pytest.mark.django_db
def test_report_draws_the_other_curve_and_stores_nothing(client, owner, session):
    client.force_login(owner)
    before = (Metric.objects.count(), Anomaly.objects.count())

    plain = report(client, session).content.decode()
    answer = report(client, session, **{**ASKED, "chat": "0", "warning": "20"})
    asked = answer.content.decode()

    assert 'class="other"' not in plain
    assert 'class="other"' in asked
    assert len(answer.context["other"].alarms) > 0
    assert "Alarms that would have been" in asked
    assert (Metric.objects.count(), Anomaly.objects.count()) == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"critical": "60"},
        {"active": "0"},
        {"detector": "oracle"},
        {"chat": "many"},
        {"warning": ""},
    ],
)
def test_senseless_settings_are_refused_beside_the_form(client, owner, session, wrong):
    client.force_login(owner)

    answer = report(client, session, **{**ASKED, **wrong})

    assert answer.status_code == 200
    assert answer.context["other"].answer is None
    assert "errorlist" in answer.content.decode()
