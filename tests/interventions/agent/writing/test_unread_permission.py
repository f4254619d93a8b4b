"""What nobody has read does not go out: not what the audience wrote, nor what a model made of it."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from conductor.devtools.fake_model import FakeModel
from engagement.models import Session
from interventions.agent.approval import services as approval
from interventions.agent.writing import services as writing
from interventions.agent.writing import writer
from interventions.agent.writing.template_library.template_selection import load_library
from interventions.audience.frames import interaction
from interventions.kinds import Kind
from interventions.models import (
    AgentSettings,
    ChatMode,
    ChatState,
    Intervention,
    Question,
    QuestionStatus,
)
from interventions.vocabulary.authorship import source_of
from interventions.vocabulary.statuses import Status
from tests.conftest import NOON
from tests.interventions.agent.rooms import after, fresh, lost_room, sweep
from tests.interventions.audience.chat.rooms import make_line, moderate
from tests.support.factories import make_event

pytestmark = pytest.mark.django_db
MODEL = "claude-sonnet-5-5"
ALONE = ("auto", "semi_auto")
"""Modes in which something may go out without a click."""


@pytest.fixture(scope="module")
def server() -> Iterator[FakeModel]:
    with FakeModel().running() as server:
        yield server
        writer.forget()


@pytest.fixture
def fake(server: FakeModel, settings: Any) -> FakeModel:
    load_library(NOON)
    server.reset()
    settings.ANTHROPIC_API_KEY, settings.ANTHROPIC_BASE_URL = "test", server.url
    writer.prepare().result()
    return server


def chosen(room: Session, kind: Kind = Kind.POLL, **fields: Any) -> Intervention:
    """An action that the policy is as sure of as can be, before its words are written."""
    decision = {
        "now": 30.0, "baseline": 70.0, "confidence": {kind.value: 0.99},
        "deliveries": {kind.value: 50}, "holdouts": 50,
    }  # fmt: skip
    values = {
        "kind": kind.value, "status": Status.SELECTED.value, "mode": room.agent_mode,
        "decision": decision, "created_at": NOON, "moved_at": NOON, **fields,
    }  # fmt: skip
    return Intervention.objects.create(session=room, **values)


def drafted(row: Intervention) -> Intervention:
    writing.draft(row.pk, worker="test", now=NOON, rng=random.Random(1), clock=lambda: 0.0)
    return fresh(row)


def ask(room: Session, text: str = "Why does nobody maintain this?") -> Question:
    return Question.objects.create(
        session=room, source=1, seq=1, actor=7, text=text, asked_at=NOON,
        status=QuestionStatus.OPEN,
    )  # fmt: skip


@pytest.mark.parametrize("mode", ALONE)
def test_question_of_the_audience_waits_for_a_person_in_every_mode(
    valkey: "redis.Redis", mode: str
) -> None:
    room = lost_room(mode=mode)
    question = ask(room)

    row = drafted(chosen(room, Kind.QUESTION_PROMPT))
    sweep(60)

    assert row.content is not None
    assert row.content["quote"] == question.text
    assert (row.status, row.gate["code"]) == (Status.WAITING, "audience_words")
    assert fresh(row).status == Status.WAITING


@pytest.mark.parametrize("mode", ALONE)
def test_what_goes_out_unread_is_a_template(
    valkey: "redis.Redis", fake: FakeModel, mode: str
) -> None:
    row = drafted(chosen(lost_room(mode=mode)))

    assert (row.author, row.author_reason) == ("template", "unread")
    assert row.status == Status.COUNTDOWN
    assert fake.requests == []


def test_model_writes_what_a_person_reads(valkey: "redis.Redis", fake: FakeModel) -> None:
    asked_first = drafted(chosen(lost_room(mode="manual")))
    room = lost_room(mode="auto")
    ask(room)
    quoting = drafted(chosen(room, Kind.QUESTION_PROMPT))
    unsure = drafted(chosen(lost_room(mode="semi_auto"), Kind.BREAK, decision={
        "now": 30.0, "baseline": 70.0, "confidence": {"BREAK": 0.6}, "deliveries": {"BREAK": 50},
        "holdouts": 50,
    }))  # fmt: skip

    rows = [asked_first, quoting, unsure]
    assert [(row.author, row.status) for row in rows] == [(MODEL, Status.WAITING)] * 3


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"author": MODEL}, "model_words"),
        ({"author": "template", "quote": "Who stole it?"}, "audience_words"),
    ],
)
def test_countdown_that_nobody_may_run_out_ends_in_waiting(
    valkey: "redis.Redis", fields: dict[str, str], code: str
) -> None:
    room = lost_room(mode="auto")
    content = {"kind": "QUESTION_PROMPT", "language": "en", "text": "Who can answer this?"}
    row = chosen(
        room, Kind.QUESTION_PROMPT, status=Status.COUNTDOWN.value, acts_at=after(10),
        author=fields["author"], content={**content, "quote": fields.get("quote", "")},
    )  # fmt: skip

    sweep(10)

    row = fresh(row)
    assert (row.status, row.gate["code"]) == (Status.WAITING, code)
    assert row.expires_at == after(100)


def test_mode_that_is_taken_back_for_a_kind_ends_its_countdown(valkey: "redis.Redis") -> None:
    room = lost_room(mode="auto")
    row = drafted(chosen(room))
    AgentSettings.objects.filter(session=room).update(kind_modes={"POLL": "manual"})

    sweep(10)

    assert (fresh(row).status, fresh(row).gate["code"]) == (Status.WAITING, "manual_mode")


def test_what_a_person_let_out_says_that_a_model_wrote_it(
    valkey: "redis.Redis", fake: FakeModel
) -> None:
    row = drafted(chosen(lost_room(mode="manual")))
    approval.approve(row.pk, by=None, who="Mara", now=after(5))

    assert interaction(fresh(row), after(6))["from"] == "model"


@pytest.mark.parametrize(
    ("author", "changed", "source"),
    [
        ("person", {}, "organizer"),
        ("template", {}, "template"),
        (MODEL, {}, "model"),
        (MODEL, {"text": "Mine now"}, "organizer"),
        ("template", {"options": ["Mine"]}, "organizer"),
        (MODEL, {"quote": "Another?"}, "model"),
    ],
)
def test_words_belong_to_who_wrote_or_changed_them(
    author: str, changed: dict[str, Any], source: str
) -> None:
    written = {"text": "How is it?", "options": ["Good"], "quote": ""}

    assert source_of(author, {**written, **changed}, written) == source


@pytest.mark.parametrize(
    ("mode", "state", "why"),
    [
        (mode, state, why)
        for mode in ChatMode.values
        for state, why in (
            ("shown", ""), ("shown", "first"), ("waiting", "first"), ("waiting", "all"),
            ("waiting", "name"), ("waiting", "profanity"), ("waiting", "unread"),
            ("hidden", "blocked"), ("hidden", ""),
        )
    ],
)  # fmt: skip
def test_only_what_others_see_reaches_a_prompt(
    fake: FakeModel, mode: str, state: str, why: str
) -> None:
    room = lost_room(make_event(model_reads_since=NOON), mode="manual")
    moderate(room, ChatMode(mode))
    make_line(room, "I lost the thread at slide four", state=ChatState(state), why=why,
              said_at=after(1))  # fmt: skip

    drafted(chosen(room, Kind.CHAT_PROMPT))

    is_seen = "lost the thread" in str(fake.requests)
    assert is_seen is (state == "shown" and mode != "closed")


def test_signal_that_is_no_line_reaches_no_prompt(fake: FakeModel) -> None:
    room = lost_room(make_event(model_reads_since=NOON), mode="manual")
    ask(room, "Has the secret leaked already?")

    drafted(chosen(room, Kind.CHAT_PROMPT))

    assert len(fake.requests) == 1
    assert "secret" not in str(fake.requests)
