"""A sender that only the tests know: what it writes itself, and what the outbox does for it."""

import datetime as dt
import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, QuerySet

from engagement.models import Session, StuckRow
from interventions.models import Delivery, DeliveryStatus
from interventions.notifications.http import Answer, send
from interventions.notifications.outbox import MOST_OF_ONE, Outbox, Send, Sender
from tests.conftest import NOON
from tests.interventions.audience.rooms import make_sent
from tests.interventions.notifications.sink import Sink, running
from tests.support.factories import make_event, make_organisation, make_session

LINK = "link:"
SECOND = dt.timedelta(seconds=1)


class LinkSender(Sender[Delivery]):
    """Tells a platform the words of an intervention; that it says "gone" is noted as such."""

    model, stage = Delivery, "link-note"
    owner = F("intervention__session__event__organisation_id")
    recipient, place = "target", "intervention_id"
    related = ("intervention",)
    lease = dt.timedelta(seconds=20)
    retry_after = (SECOND * 2, SECOND * 10)
    threads, share = 6, 4
    url = ""

    def due(self, rows: QuerySet[Delivery], now: dt.datetime) -> QuerySet[Delivery]:
        return super().due(rows, now).filter(target__startswith=LINK)

    def seal(self, row: Delivery, now: dt.datetime) -> Send:
        body = json.dumps({"text": row.intervention.content["text"]}).encode()
        return partial(self.say, row.pk, body)

    def say(self, pk: int, body: bytes) -> Answer:
        answer = send(self.url, body, {}, seconds=self.seconds)
        return Answer(answer.status, answer.error, is_final=answer.status == 403)

    def settle(self, row: Delivery, answer: Answer, now: dt.datetime) -> None:
        if row.target == f"{LINK}unsettled":
            raise ValueError("always")
        Delivery.objects.filter(pk=row.pk).update(reached=1 if answer.is_taken else 0)


class Links(Outbox[Delivery]):
    """Both rounds, one after the other."""

    def post_due(self, now: dt.datetime, *, seconds: float = 20.0) -> int:
        begun = self.begin_due(now)
        self.note_answers(now, seconds=seconds)
        return begun


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running() as server:
        yield server


@pytest.fixture
def sender(sink: Sink, settings: Any) -> LinkSender:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    sender = LinkSender()
    sender.url = sink.url
    return sender


@pytest.fixture
def links(sender: LinkSender) -> Links:
    return Links(sender)


def room(name: str = "Summit Ltd") -> Session:
    return make_session(make_event(make_organisation(name)))


def due(session: Session, target: str = f"{LINK}1", at: dt.datetime = NOON) -> Delivery:
    row = make_sent(session, text=f"{session.pk} {target} {at}")
    return Delivery.objects.create(intervention=row, target=target, next_at=at)


@pytest.mark.django_db
def test_row_is_claimed_sent_and_noted_once(links: Links, sink: Sink) -> None:
    row = due(room())

    counts = [links.post_due(NOON - SECOND), links.post_due(NOON), links.post_due(NOON)]

    assert counts == [0, 1, 0]
    assert [json.loads(body) for _, body in sink.got] == [
        {"text": row.intervention.content["text"]}
    ]
    row.refresh_from_db()
    assert (row.status, row.tries, row.sent_at, row.reached) == ("sent", 1, NOON, 1)
    assert (row.next_at, row.lease_until) == (None, None)


@pytest.mark.django_db
def test_failure_is_tried_again_by_the_senders_schedule_and_then_given_up(
    links: Links, sink: Sink
) -> None:
    sink.status = 500
    row = due(room())
    seen = []

    for seconds in (0, 1, 2, 11, 12, 100):
        begun = links.post_due(NOON + SECOND * seconds)
        row.refresh_from_db()
        seen.append((begun, row.status, row.error))

    waits, tried = (0, "pending", "http_500"), (1, "pending", "http_500")
    assert seen == [
        tried,
        waits,
        tried,
        waits,
        (1, "failed", "http_500"),
        (0, "failed", "http_500"),
    ]
    assert (row.tries, row.reached, len(sink.got)) == (3, 0, 3)


@pytest.mark.django_db
def test_final_answer_is_not_tried_again(links: Links, sink: Sink) -> None:
    sink.status = 403
    row = due(room())

    assert [links.post_due(NOON), links.post_due(NOON + SECOND * 100)] == [1, 0]
    row.refresh_from_db()
    assert (row.status, row.tries, row.error) == ("failed", 1, "http_403")


@pytest.mark.django_db
def test_row_of_a_process_that_died_is_sent_after_its_lease(links: Links) -> None:
    row = due(room())
    Delivery.objects.update(tries=1, lease_until=NOON + LinkSender.lease)

    early, late = NOON + LinkSender.lease - SECOND, NOON + LinkSender.lease

    assert [links.post_due(early), links.post_due(late)] == [0, 1]
    row.refresh_from_db()
    assert (row.status, row.tries) == ("sent", 2)


@pytest.mark.django_db
def test_answer_that_comes_after_the_lease_leaves_another_processes_try_alone(
    sender: LinkSender, sink: Sink
) -> None:
    row, mine, other = due(room()), Links(sender), Links(sender)
    sink.status = 500
    mine.begin_due(NOON)
    later = NOON + LinkSender.lease
    assert other.begin_due(later) == 1

    mine.note_answers(later, seconds=20)

    row.refresh_from_db()
    assert (row.status, row.tries, row.lease_until) == ("pending", 2, later + LinkSender.lease)
    other.note_answers(later, seconds=20)
    row.refresh_from_db()
    assert row.next_at == later + SECOND * 10


@pytest.mark.django_db
def test_row_that_cannot_be_sealed_has_failed_and_stops_no_other(links: Links, sink: Sink) -> None:
    session = room()
    bad, good = due(session), due(session)
    bad.intervention.content = {}
    bad.intervention.save(update_fields=["content"])

    assert links.post_due(NOON) == 2

    for row in (bad, good):
        row.refresh_from_db()
    assert (bad.status, bad.error[:20]) == ("failed", "not_sealed: KeyError")
    assert (good.status, len(sink.got)) == ("sent", 1)


@pytest.mark.django_db
def test_answer_that_cannot_be_noted_is_listed_and_stops_no_other(links: Links) -> None:
    session = room()
    bad, good = due(session, f"{LINK}unsettled"), due(session)

    links.post_due(NOON)

    for row in (bad, good):
        row.refresh_from_db()
    assert (bad.status, bad.lease_until) == ("pending", NOON + LinkSender.lease)
    assert good.status == "sent"
    assert list(StuckRow.objects.values_list("stage", "row")) == [
        ("link-note", bad.intervention_id)
    ]


@pytest.mark.django_db
def test_owners_and_their_recipients_take_turns(links: Links) -> None:
    loud, quiet = room("loud"), room("quiet")
    for number in range(MOST_OF_ONE + 2):
        due(loud, f"{LINK}1", NOON - SECOND * (100 - number))
    other, one = due(loud, f"{LINK}2", NOON - SECOND), due(quiet)
    due(loud, "sockets", NOON - SECOND * 200)

    found = links.due(NOON)

    first = Delivery.objects.filter(target=f"{LINK}1").earliest("next_at")
    assert [pk for pk, _ in found[:3]] == [first.pk, one.pk, other.pk]
    assert len(found) == MOST_OF_ONE + 2
    assert links.post_due(NOON) == LinkSender.share + 1
    assert Delivery.objects.filter(status=DeliveryStatus.SENT, intervention__session=quiet).exists()


@pytest.mark.django_db(transaction=True)
def test_row_is_sent_when_its_claim_is_there_for_all_to_see(
    sender: LinkSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Delivery] = []

    def look(pk: int, body: bytes) -> Answer:
        seen.append(Delivery.objects.get(pk=pk))
        connection.close()
        return Answer()

    monkeypatch.setattr(sender, "say", look)
    due(room())
    first, second = Links(sender), Links(sender)

    assert [first.begin_due(NOON), second.begin_due(NOON)] == [1, 0]
    first.note_answers(NOON, seconds=20)

    assert [(row.tries, row.status, row.lease_until) for row in seen] == [
        (1, "pending", NOON + LinkSender.lease)
    ]
    assert Delivery.objects.get().status == "sent"
