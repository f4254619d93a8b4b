"""Writing through the real client against a fake server: every failure ends in good content, in time."""

import datetime as dt
import json
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.models import Sum

from conductor.devtools.fake_model import FakeModel, Fault
from interventions.agent.writing import writer
from interventions.agent.writing.llm import queries as costs
from interventions.agent.writing.llm.budget import NANO
from interventions.agent.writing.llm.fallback import Attempt
from interventions.agent.writing.llm.prices import PRICES, Usage, cost
from interventions.agent.writing.llm.prompts import Brief, Moment
from interventions.agent.writing.llm.writer_protocol import Reply
from interventions.agent.writing.template_library.template_selection import load_library
from interventions.agent.writing.writer import Request, Written
from interventions.kinds import Kind
from interventions.models import BudgetWindow, LlmCall, ModelRest
from interventions.text_checks.text_gate import TextContext, check
from tests.conftest import NOON
from tests.interventions.agent.writing.hostile import MESSAGES

pytestmark = pytest.mark.django_db
SONNET, HAIKU = "claude-sonnet-5-5", "claude-haiku-5-5"
BRIEF = Brief("B-trees", "en", event="DB Days", about="How an index finds a row. " * 20)
# Short enough that a hang costs a test little, long enough for two models and a template.
DEADLINE_MS = 4_000


@pytest.fixture(scope="module")
def server() -> Iterator[FakeModel]:
    with FakeModel().running() as server:
        yield server
        writer.forget()


@pytest.fixture
def fake(server: FakeModel, settings: Any) -> FakeModel:
    """The server as if just started; the client stays the same for all tests here."""
    load_library(NOON)
    server.reset()
    settings.ANTHROPIC_API_KEY = "test"
    settings.ANTHROPIC_BASE_URL = server.url
    settings.LLM_DEADLINE_MS = DEADLINE_MS
    writer.prepare().result()
    return server


def write(kind: Kind = Kind.POLL, *chat: str, now: dt.datetime = NOON, **fields: Any) -> Written:
    moment = Moment(kind, "Chat went quiet", "B-trees", chat=chat, nonce="5f3a9c01")
    values = {"brief": BRIEF, "session_id": 7, "values": {"topic": "B-trees"}, **fields}
    request = Request(moment=moment, **values)
    return writer.write(request, now=now, rng=random.Random(3), clock=time.monotonic)


def outcomes(attempts: tuple[Attempt, ...]) -> list[str]:
    return [attempt.outcome for attempt in attempts]


def wire_cost(fake: FakeModel) -> int:
    return sum(cost(PRICES[usage["model"]], Usage.from_wire(usage)) for usage in fake.usages)


def booked() -> int:
    return int(LlmCall.objects.aggregate(total=Sum("cost"))["total"] or 0)


def test_model_writes_and_the_books_equal_the_wire(fake: FakeModel) -> None:
    written = write()

    assert (written.author, written.label, written.reason) == (SONNET, "Sonnet 5.5", "ok")
    call = LlmCall.objects.get()
    wire = Usage.from_wire(fake.usages[0])
    assert (call.model, call.outcome, call.kind, call.session_id) == (SONNET, "ok", "POLL", 7)
    assert (call.input_tokens, call.write_1h_tokens, call.read_tokens, call.output_tokens) == (
        wire.input, wire.write_1h, wire.read, wire.output,
    )  # fmt: skip
    assert call.cost == wire_cost(fake) > 0
    assert call.request_id == "req_00000001"
    assert {(w.spent, w.held) for w in BudgetWindow.objects.all()} == {(call.cost, 0)}


# What each failure is called, whether its cost is known, and who writes then.
@pytest.mark.parametrize(
    ("fault", "outcome", "known"),
    [
        ("429", "http_429", True),
        ("529", "http_529", True),
        ("500", "http_500", True),
        ("404", "http_404", True),
        ("hang", "timeout", False),
        ("drip", "timeout", False),
        ("cut", "connection", False),
        ("reset", "connection", False),
        ("html", "not_a_message", False),
        ("malformed", "malformed", False),
        ("refusal", "refusal", True),
        ("max_tokens", "max_tokens", True),
        ("too_long", "unsafe:shape:text_long", True),
        ("prose", "invalid", True),
        ("empty", "invalid", True),
    ],
)
def test_every_failure_has_a_name_and_the_next_one_writes(
    fake: FakeModel, fault: str, outcome: str, known: bool
) -> None:
    fake.script.append(Fault(fault))
    started = time.monotonic()

    written = write()

    assert time.monotonic() - started < DEADLINE_MS / 1_000 + 2
    assert outcomes(written.attempts) == [outcome, "ok"]
    assert written.author == HAIKU
    first, second = LlmCall.objects.order_by("-model")
    assert (first.outcome, first.is_assumed) == (outcome, not known)
    if known:
        assert booked() == wire_cost(fake)
    assert second.cost == cost(PRICES[HAIKU], Usage.from_wire(fake.usages[-1]))
    assert not BudgetWindow.objects.exclude(held=0).exists()
    assert set(BudgetWindow.objects.values_list("spent", flat=True)) == {booked()}


@pytest.mark.parametrize("fault", ["hang", "529", "refusal", "too_long", "html"])
def test_template_writes_when_both_models_fail(fake: FakeModel, fault: str) -> None:
    fake.script.extend([Fault(fault), Fault(fault)])
    started = time.monotonic()

    written = write()

    assert time.monotonic() - started < DEADLINE_MS / 1_000 + 2
    assert (written.author, written.label) == ("template", "Template")
    assert written.template_id is not None
    assert written.reason == written.attempts[-1].outcome != "ok"
    assert check(written.content, TextContext(Kind.POLL, "en")) is None


@pytest.mark.parametrize("fault", ["401", "402"])
def test_account_that_is_refused_is_not_tried_again(fake: FakeModel, fault: str) -> None:
    fake.script.append(Fault(fault))

    written = write()

    assert (outcomes(written.attempts), written.author) == ([f"http_{fault}"], "template")


def test_fence_of_a_local_server_is_no_failure(fake: FakeModel) -> None:
    fake.script.append(Fault("fenced"))

    assert write().author == SONNET


def test_model_that_asked_for_time_is_left_alone(fake: FakeModel) -> None:
    fake.script.append(Fault("429", 40))
    write()

    soon = write(now=NOON + dt.timedelta(seconds=39))
    later = write(now=NOON + dt.timedelta(seconds=41))

    assert outcomes(soon.attempts) == ["resting", "ok"]
    assert (soon.author, later.author) == (HAIKU, SONNET)
    assert ModelRest.objects.get().outcome == "http_429"


def test_endless_retry_after_is_cut_at_five_minutes(fake: FakeModel) -> None:
    fake.script.append(Fault("429", 4_000_000_000))

    write()

    assert ModelRest.objects.get().until == NOON + dt.timedelta(minutes=5)


def test_budget_used_up_leaves_the_models_unasked(fake: FakeModel, settings: Any) -> None:
    settings.LLM_HOUR_USD = 1
    BudgetWindow.objects.create(key="hour:2026-03-03T12", limit=NANO, spent=NANO - 1)

    written = write()

    assert (outcomes(written.attempts), written.author) == (["budget", "budget"], "template")
    assert fake.requests == []
    assert BudgetWindow.objects.get(key="hour:2026-03-03T12").alarmed_at == NOON


def test_without_key_and_server_templates_write(settings: Any) -> None:
    settings.ANTHROPIC_API_KEY = settings.ANTHROPIC_BASE_URL = ""

    written = write()

    assert (written.author, written.reason, written.attempts) == ("template", "off", ())


@pytest.mark.parametrize("kind", [Kind.QUIZ, Kind.SPOKEN, Kind.BREAK, Kind.GAMIFICATION])
def test_every_kind_is_written_by_the_model(fake: FakeModel, kind: Kind) -> None:
    written = write(kind)

    assert (written.author, written.content.kind) == (SONNET, kind)


def test_question_of_the_audience_is_shown_beside_the_words(fake: FakeModel) -> None:
    good = write(Kind.QUESTION_PROMPT, quote="How do you measure depth?")
    bad = write(Kind.QUESTION_PROMPT, quote="See https://evil.example for more")

    assert (good.content.quote, bad.content.quote) == ("How do you measure depth?", "")


def test_model_that_obeys_the_audience_is_not_believed(fake: FakeModel, settings: Any) -> None:
    settings.LLM_MODELS = [SONNET]
    for message in MESSAGES:
        fake.script.append(Fault("obey"))

        written = write(Kind.CHAT_PROMPT, message)

        assert (written.author, written.reason[:7]) == ("template", "unsafe:"), message


def test_cache_saves_what_was_promised_from_ten_writings_an_event(fake: FakeModel) -> None:
    for minute in range(10):
        fake.offset = minute * 420.0
        assert write(now=NOON + dt.timedelta(minutes=7 * minute)).reason == "ok"

    saving = costs.saving(NOON, session_id=7)
    assert saving.calls == 10
    assert saving.cost == wire_cost(fake)
    assert saving.on_input > 0.6
    assert 0 < saving.on_total < saving.on_input
    assert LlmCall.objects.filter(write_1h_tokens__gt=0).count() == 1


def test_second_event_of_the_hour_finds_the_rubric_cached(fake: FakeModel) -> None:
    write()
    for minute in range(10):
        write(now=NOON + dt.timedelta(hours=1, minutes=minute), brief=replace(BRIEF, title="LSM"))

    saving = costs.saving(NOON + dt.timedelta(hours=1))
    assert saving.on_input > 0.7
    assert costs.saving(NOON).cost == wire_cost(fake)


def test_no_time_means_nobody_is_asked(settings: Any) -> None:
    settings.LLM_DEADLINE_MS = 500
    settings.ANTHROPIC_BASE_URL = "http://127.0.0.1:1"

    written = write()

    assert (written.reason, written.author) == ("unasked", "template")


class SlowToLoad:
    """An adapter whose import takes longer than there is time."""

    def __init__(self, key: str, url: str) -> None:
        time.sleep(0.9)

    def close(self) -> None:
        pass


def test_client_that_is_still_loading_is_not_waited_for(settings: Any) -> None:
    settings.ANTHROPIC_API_KEY, settings.LLM_DEADLINE_MS = "other", 700
    settings.LLM_WRITER = "tests.interventions.agent.writing.test_writer.SlowToLoad"

    written = write()
    writer.forget()

    assert (outcomes(written.attempts), written.author) == (["loading"], "template")


class LocksTheBooks:
    """An adapter during whose call somebody else locks the budget for long."""

    release = threading.Event()

    def __init__(self, key: str, url: str) -> None:
        self.release.clear()

    def ask(self, arguments: Any, seconds: float) -> Reply:
        locked = threading.Event()
        self.thread = threading.Thread(target=self._lock, args=(locked,))
        self.thread.start()
        locked.wait(5)
        good = {"kind": "POLL", "language": "en", "text": "How is the pace?", "correct": -1}
        return Reply("", "end_turn", json.dumps(good | {"options": ["Fine", "Fast"]}), Usage(9))

    def _lock(self, locked: threading.Event) -> None:
        with transaction.atomic():
            list(BudgetWindow.objects.select_for_update())
            locked.set()
            self.release.wait(5)
        connections.close_all()

    def close(self) -> None:
        self.release.set()
        self.thread.join()


@pytest.mark.django_db(transaction=True)
def test_good_words_are_kept_when_the_books_are_locked(settings: Any) -> None:
    settings.ANTHROPIC_API_KEY = "another"
    settings.LLM_WRITER = "tests.interventions.agent.writing.test_writer.LocksTheBooks"

    written = write()
    writer.forget()

    assert (written.author, written.content.text) == (SONNET, "How is the pace?")
    assert not LlmCall.objects.exists()
    assert {window.held > 0 for window in BudgetWindow.objects.all()} == {True}
