"""Somebody is erased, removed or hidden while a model writes: nothing that rests on her words is kept."""

import json
import random
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import pytest
import redis
from django.db import connections

from engagement.models import Session
from engagement.vocabulary.errors import ProblemError
from interventions.agent.approval import editing
from interventions.agent.approval import services as approval
from interventions.agent.writing import services as writing
from interventions.agent.writing import writer
from interventions.agent.writing.llm.prices import Usage
from interventions.agent.writing.llm.writer_protocol import Reply
from interventions.agent.writing.template_library.template_selection import load_library
from interventions.kinds import Kind
from interventions.kinds.content import Content
from interventions.models import ChatLine, ChatState, Intervention, Question, WebhookMessage
from interventions.personal_data import erasure, removal
from interventions.personal_data.inventory import Person
from interventions.vocabulary.authorship import TEMPLATE
from interventions.vocabulary.statuses import Status
from tests.conftest import NOON
from tests.interventions.agent.rooms import fresh, lost_room
from tests.interventions.audience.chat.rooms import make_line
from tests.interventions.personal_data.lives import tables_with
from tests.support.factories import make_event, make_user

pytestmark = pytest.mark.django_db(transaction=True)
HER, OTHER = 71, 72
SAID = "The zyxmarker slides are far too grey"
ASKED = "What is zyxmarker for, please?"
OTHERS = "When do we have lunch today?"


class Meanwhile:
    """An adapter during whose calls something happens, by another connection; it quotes what it read."""

    happens: ClassVar[list[Callable[[], object]]] = []
    read: ClassVar[list[str]] = []

    def __init__(self, key: str, url: str) -> None:
        self.read.clear()

    def ask(self, arguments: Any, seconds: float) -> Reply:
        self.read.append(json.dumps(arguments))
        while self.happens:
            elsewhere = threading.Thread(target=self._do, args=(self.happens.pop(0),))
            elsewhere.start()
            elsewhere.join()
        good = {"kind": "POLL", "language": "en", "text": "Is zyxmarker too grey?", "correct": -1}
        return Reply("", "end_turn", json.dumps(good | {"options": ["Yes", "No"]}), Usage(9))

    def _do(self, what: Callable[[], object]) -> None:
        try:
            what()
        finally:
            connections.close_all()

    def close(self) -> None:
        """Hold nothing."""


@pytest.fixture
def room(valkey: "redis.Redis", settings: Any) -> Session:
    settings.ANTHROPIC_API_KEY = "erasing"
    settings.LLM_WRITER = f"{__name__}.Meanwhile"
    writer.forget()
    load_library(NOON)
    session = lost_room(make_event(model_reads_since=NOON.replace(hour=1)))
    make_line(session, SAID, actor=HER)
    make_line(session, "I can follow it well", actor=OTHER)
    for n, (actor, text) in enumerate([(HER, ASKED), (OTHER, OTHERS)]):
        Question.objects.create(
            session=session,
            source=1,
            seq=n,
            actor=actor,
            text=text,
            asked_at=NOON.replace(minute=n),
        )
    yield session
    Meanwhile.happens.clear()
    writer.forget()


def drafted(room: Session, kind: Kind) -> Intervention:
    row = Intervention.objects.create(
        session=room, kind=kind.value, status=Status.SELECTED.value, mode="manual",
        decision={"now": 30.0, "baseline": 70.0}, created_at=NOON, moved_at=NOON,
    )  # fmt: skip
    writing.draft(row.pk, worker="test", now=NOON, rng=random.Random(1), clock=lambda: 0.0)
    return fresh(row)


def erase(room: Session) -> object:
    return erasure.erase(Person(room.event_id, HER), who="", now=NOON)


def remove(room: Session) -> object:
    return removal.remove(room, HER, by=None, who="x", now=NOON)


def hide(room: Session) -> object:
    line = ChatLine.objects.get(actor=HER)
    ChatLine.objects.filter(pk=line.pk).update(state=ChatState.HIDDEN)
    return Question.objects.filter(actor=HER).update(status="hidden")


@pytest.mark.parametrize("happens", [erase, remove, hide])
def test_model_that_read_her_is_not_quoted(
    room: Session, happens: Callable[[Session], object]
) -> None:
    Meanwhile.happens[:] = [lambda: happens(room)]

    row = drafted(room, Kind.POLL)

    assert "zyxmarker" in Meanwhile.read[0]
    assert (row.author, row.author_reason, row.status) == (TEMPLATE, "withdrawn", Status.WAITING)
    assert "zyxmarker" not in json.dumps(row.content)


def test_question_of_who_was_erased_gives_way_to_the_next(room: Session) -> None:
    Meanwhile.happens[:] = [lambda: erase(room)]

    row = drafted(room, Kind.QUESTION_PROMPT)

    assert Meanwhile.read
    assert row.content is not None
    assert (row.content["quote"], row.author) == (OTHERS, TEMPLATE)
    assert tables_with("zyxmarker") == {}
    assert not [m for m in WebhookMessage.objects.all() if "zyxmarker" in m.body]


def test_what_was_erased_before_a_model_is_asked_is_sent_to_none(room: Session) -> None:
    request = writing._request(
        Intervention(session=room, kind=Kind.POLL.value, decision={}), writing.setup_of(room), NOON
    )
    erase(room)

    written = writer.write(request, now=NOON, rng=random.Random(1), clock=lambda: 0.0)

    assert Meanwhile.read == []
    assert [attempt.outcome for attempt in written.attempts] == ["withdrawn"]
    assert written.author == TEMPLATE


def test_where_nothing_happens_the_model_is_quoted(room: Session) -> None:
    row = drafted(room, Kind.POLL)

    assert (row.author, row.content and row.content["text"]) == (
        "claude-sonnet-5-5", "Is zyxmarker too grey?",
    )  # fmt: skip


def test_page_that_still_shows_her_quote_does_not_bring_it_back(room: Session) -> None:
    row = drafted(room, Kind.QUESTION_PROMPT)
    on_the_page = replace(Content.from_json(row.content), text="Who can answer this question?")
    owner = make_user("alice")
    doing = {"by": owner, "who": "alice", "now": NOON, "content": on_the_page}
    erase(room)

    refused = []
    for act in (editing.edit_save, approval.approve):
        with pytest.raises(ProblemError) as problem:
            act(row.pk, accepted=editing.ALL_WARNINGS, **doing)
        refused.append(problem.value.code)
    doing["content"] = replace(on_the_page, quote=(fresh(row).content or {})["quote"])
    saved = editing.edit_save(row.pk, accepted=editing.ALL_WARNINGS, **doing)

    assert on_the_page.quote == ASKED
    assert refused == ["changed_meanwhile", "changed_meanwhile"]
    assert (saved.content or {})["text"] == "Who can answer this question?"
    assert tables_with("zyxmarker") == {}
