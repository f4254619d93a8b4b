"""What is made once for all who look: never of another state, of another language, of another person."""

import concurrent.futures
import datetime as dt
import threading

import pytest
from django.urls import reverse

from dashboard.live.page import LivePage
from dashboard.live.page_changes import stamp_of
from dashboard.page_data.shared_reads import Shared, Shelf
from engagement.models import DetectorProfile, ScoringProfile, Session
from engagement.vocabulary.clock import tick_of
from interventions.models import (
    AgentChange,
    AgentSettings,
    ChatLine,
    ChatState,
    Delivery,
    Intervention,
    Outcome,
    Question,
    QuestionStatus,
)
from tests.conftest import NOON
from tests.dashboard.agent_rooms import deliver, make, past
from tests.dashboard.rooms import address, fill, make_anomaly
from tests.support.factories import make_event, make_metric, make_session

SECOND = dt.timedelta(seconds=1)
CROWD = 12


def test_what_is_asked_for_by_many_at_once_is_made_once():
    shared, made, together = Shared(), [], threading.Barrier(CROWD)

    def ask() -> object:
        together.wait()
        return shared.of("hour", lambda: made.append(1) or object())

    with concurrent.futures.ThreadPoolExecutor(CROWD) as crowd:
        found = [each.result() for each in [crowd.submit(ask) for _ in range(CROWD)]]

    assert len(made) == 1
    assert len(set(map(id, found))) == 1


def test_nothing_counts_as_made_and_what_failed_does_not():
    shared, answers = Shared(), [None, 7]

    with pytest.raises(ZeroDivisionError):
        shared.of("a", lambda: 1 // 0)

    assert [shared.of("a", lambda: answers.pop(0)) for _ in range(2)] == [None, None]
    assert shared.of("b", lambda: shared.of("c", lambda: 3)) == 3


def test_shelf_keeps_one_state_of_each_of_so_many_sessions():
    shelf = Shelf(most=2)
    first = shelf.shared(1, "a")
    second = shelf.shared(2, "a")

    assert shelf.shared(1, "a") is first
    shelf.shared(3, "a")
    assert shelf.shared(1, "a") is first
    assert shelf.shared(2, "a") is not second
    assert shelf.shared(2, "b") is not shelf.shared(2, "a")


@pytest.fixture
def session(organisation):
    session = make_session(make_event(organisation), room="Main stage")
    fill(session, "drop", NOON)
    past(session, NOON - 600 * SECOND)
    row = make(session, NOON)
    deliver(row, NOON)
    AgentSettings.objects.create(session=session)
    return session


def _touch(model, **fields):
    return lambda session: model.objects.filter(**_of(model, session)).update(**fields)


def _of(model, session):
    if model in {Outcome, Delivery}:
        return {"intervention__session": session}
    return {"pk": session.pk} if model is Session else {"session": session}


CHANGES = {
    "a tick": lambda session: make_metric(session, tick_of(NOON.timestamp()) + 5),
    "its title": _touch(Session, title="Another"),
    "its status": _touch(Session, status="ended", ended_at=NOON),
    "its event": lambda session: type(session.event).objects.update(title="Another"),
    "an anomaly": lambda session: make_anomaly(session, NOON),
    "an acknowledgement": lambda session: session.anomalies.update(acknowledged_at=NOON),
    "a suggestion": lambda session: make(session, NOON, "left_alone"),
    "a step": lambda session: session.interventions.filter(status="waiting").update(
        status="approved"
    ),
    "a reason": _touch(Intervention, dismiss_reason="off_topic"),
    "an outcome": _touch(Outcome, change=1.0),
    "no outcome": lambda session: Outcome.objects.filter(intervention__session=session).delete(),
    "a delivery": _touch(Delivery, sent_at=NOON),
    "what is allowed": _touch(AgentSettings, line=0.9),
    "a change of the agent": lambda session: AgentChange.objects.create(session=session, at=NOON),
    "a question that waits": lambda session: Question.objects.create(
        session=session, actor=7, source=1, seq=1, text="Why?", asked_at=NOON,
        status=QuestionStatus.HELD,
    ),
    "a message that waits": lambda session: ChatLine.objects.create(
        session=session, actor=7, source=1, seq=1, text="Hm", said_at=NOON, state=ChatState.WAITING,
    ),
    "the scoring": lambda _: ScoringProfile.objects.filter(is_default=True).update(name="Other"),
    "the detector": lambda _: DetectorProfile.objects.create(
        version=9, is_active=True, parameters={}, report={}, created_at=NOON,
    ),
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("change", CHANGES)
def test_stamp_is_another_after_every_change_and_the_same_without(session, change):
    before = stamp_of(session, NOON)
    assert stamp_of(session, NOON + 4.9 * SECOND) == before

    CHANGES[change](session)

    assert stamp_of(session, NOON) != before


@pytest.mark.django_db
def test_stamp_of_one_session_does_not_hear_of_another(session, organisation):
    before = stamp_of(session, NOON)
    other = make_session(make_event(organisation))
    fill(other, "drop", NOON)
    deliver(make(other, NOON), NOON)

    assert stamp_of(session, NOON) == before


@pytest.mark.django_db
def test_stamp_is_no_older_than_a_tick(session):
    assert stamp_of(session, NOON) != stamp_of(session, NOON + 5 * SECOND)


@pytest.mark.django_db
def test_who_looks_next_costs_five_queries(
    client, owner, session, django_assert_max_num_queries, time_machine
):
    time_machine.move_to(NOON, tick=False)
    client.force_login(owner)
    pages = ["live", "series", "signals", "feed", "outcomes"]
    first = [client.get(address(session, page)) for page in pages]

    for page, before in zip(pages, first, strict=True):
        with django_assert_max_num_queries(5):
            again = client.get(address(session, page))
        if page != "live":  # has tokens
            assert again.content == before.content


@pytest.mark.django_db
def test_everybody_reads_her_own_language_and_nothing_of_another_person(
    client, owner, viewer, stranger, session, time_machine
):
    time_machine.move_to(NOON, tick=False)
    owner.first_name, owner.last_name = "Mara", "Reyes"
    owner.save()
    address_of_page = reverse("session-live", args=[session.pk])
    client.force_login(owner)
    english = client.get(address_of_page).content.decode()

    german = client.get(address_of_page, headers={"Accept-Language": "de"}).content.decode()
    client.force_login(viewer)
    hers = client.get(address_of_page).content.decode()
    client.force_login(stranger)

    assert "What the " in english
    assert "What the " not in german
    assert "Acknowledge<" in english
    assert "Acknowledge<" not in hers
    assert "Mara Reyes" in english
    assert 'class="who"><b>Mara Reyes' not in hers
    assert client.get(address_of_page).status_code == 404


@pytest.mark.django_db
def test_chart_of_each_length_is_its_own(session):
    shared = Shared()
    lengths = (5, 15, 60)

    drawn = [LivePage(session, NOON, length, shared=shared).chart.line for length in lengths]

    alone = [LivePage(session, NOON, length).chart.line for length in lengths]
    assert drawn == alone
    assert len(set(drawn)) == 3
