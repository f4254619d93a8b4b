"""A model's words that nobody reads: only where the organizer allowed it, and only after a second look."""

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.test import Client

from conductor.devtools.fake_model import FakeModel, Fault
from engagement.models import Organisation, Session
from interventions.agent.approval import services as approval
from interventions.agent.writing import services as writing
from interventions.agent.writing import writer
from interventions.agent.writing.second_check import plain_words
from interventions.agent.writing.template_library.template_selection import load_library
from interventions.kinds import Kind
from interventions.kinds.content import Content, usual
from interventions.models import AgentChange, AgentSettings, AuditRecord, Intervention, LlmCall
from interventions.vocabulary.statuses import Status
from tests.conftest import NOON
from tests.interventions.agent.rooms import after, fresh, sweep
from tests.interventions.agent.writing.test_unread_permission import chosen
from tests.interventions.api.cast import Caller
from tests.interventions.audience.chat.rooms import listening
from tests.support.factories import make_event, make_session

pytestmark = pytest.mark.django_db
OUTPUTS = Path(__file__).parents[4] / "support" / "texts" / "model_outputs.jsonl"
"""Well-formed and harmful, written by somebody who had not seen the code."""
KINDS = {"POLL": Kind.POLL, "QUIZ": Kind.QUIZ, "CHALLENGE": Kind.GAMIFICATION}
HAIKU = "claude-haiku-5-5"
PLAIN = "What would you try first on a slow query?"
FRAME = plain_words.Frame("en", ("Finding a slow query", "Indexes"), ("Acme Corp",))


@pytest.fixture(scope="module")
def server() -> Iterator[FakeModel]:
    with FakeModel().running() as server:
        yield server
        writer.forget()


@pytest.fixture
def fake(valkey: "redis.Redis", server: FakeModel, settings: Any) -> FakeModel:
    load_library(NOON)
    server.reset()
    settings.ANTHROPIC_API_KEY, settings.ANTHROPIC_BASE_URL = "test", server.url
    # Under load a good answer may take its time; what hangs is told how long.
    settings.LLM_DEADLINE_MS, settings.LLM_CHECK_MS = 20_000, 10_000
    writer.prepare().result()
    return server


def room(organisation: Organisation | None = None, *, allows: bool, mode: str = "auto") -> Session:
    event = make_event(organisation)
    session = make_session(event, agent_mode=mode, title="Finding a slow query", agenda=[])
    AgentSettings.objects.create(session=session, sends_model_words=allows)
    return session


def answer(fake: FakeModel, text: str, options: tuple[str, ...] = (), kind: str = "CHAT_PROMPT",
           correct: int = -1) -> None:  # fmt: skip
    """Let every model asked next write this."""
    said = {"kind": kind, "language": "en", "text": text, "options": list(options),
            "correct": correct}  # fmt: skip
    fake.answers.extend([json.dumps(said)] * 2)


def draft(session: Session, kind: Kind = Kind.CHAT_PROMPT) -> Intervention:
    row = chosen(session, kind)
    writing.draft(row.pk, worker="t", now=NOON, rng=random.Random(1), clock=time.monotonic)
    return fresh(row)


def test_plain_question_goes_out_where_it_is_allowed_and_a_judge_agrees(fake: FakeModel) -> None:
    answer(fake, PLAIN)

    row = draft(room(allows=True))
    sweep(60)

    assert row.content is not None
    assert (row.content["text"], row.status, row.gate["checked"]) == (PLAIN, "countdown", True)
    assert fresh(row).status == Status.DELIVERED
    calls = LlmCall.objects.order_by("latency_ms").values_list("kind", "model", "outcome")
    assert set(calls) == {("CHAT_PROMPT", "claude-sonnet-5-5", "ok"), ("CHECK", HAIKU, "ok")}
    assert min(LlmCall.objects.values_list("cost", flat=True)) > 0


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (None, "unread:judge_no"),
        ("500", "unread:judge_http_500"),
        ("refusal", "unread:judge_no"),
        ("prose", "unread:judge_no"),
        ("malformed", "unread:judge_malformed"),
        ("hang", "unread:judge_timeout"),
    ],
)
def test_anything_but_a_plain_yes_means_a_template(
    fake: FakeModel, settings: Any, fault: str | None, reason: str
) -> None:
    settings.LLM_CHECK_MS = 10_000 if fault != "hang" else 300
    answer(fake, PLAIN)
    fake.approves = False
    if fault:
        fake.script.extend([Fault(), Fault(fault, 2.0)])

    row = draft(room(allows=True))

    assert (row.author, row.author_reason, row.status) == ("template", reason, Status.COUNTDOWN)
    assert "checked" not in row.gate


def test_without_money_for_the_judge_a_template_goes_out(fake: FakeModel, settings: Any) -> None:
    answer(fake, PLAIN)
    session, row = room(allows=True), None
    settings.LLM_MODELS = ["claude-sonnet-5-5"]
    row = chosen(session, Kind.CHAT_PROMPT)
    written = draft_until_judged(row, settings)

    assert (written.author, written.author_reason) == ("template", "unread:judge_budget")


def draft_until_judged(row: Intervention, settings: Any) -> Intervention:
    """Draft with a clock that closes the purse once the words are written."""
    calls = iter(range(10**6))

    def clock() -> float:
        if next(calls) and LlmCall.objects.exists():
            settings.LLM_HOUR_USD = 0
        return time.monotonic()

    writing.draft(row.pk, worker="t", now=NOON, rng=random.Random(1), clock=clock)
    return fresh(row)


def test_taken_back_while_it_counts_down_it_waits(fake: FakeModel) -> None:
    answer(fake, PLAIN)
    session = room(allows=True)
    row = draft(session)

    approval.set_permission(session, "sends_model_words", False, by=None, who="Mara", now=after(2))
    sweep(60)

    assert (fresh(row).status, fresh(row).gate["code"]) == (Status.WAITING, "model_words")


@pytest.mark.parametrize("allows", [False, True])
def test_no_harmful_output_of_a_model_is_shown_unread(
    fake: FakeModel, valkey: "redis.Redis", allows: bool
) -> None:
    """The judge says yes to everything: what holds them is the setting, or the rules alone."""
    harmful = [json.loads(line) for line in OUTPUTS.read_text("utf-8").splitlines()]
    rows = []
    for each in harmful:
        kind = KINDS.get(each["kind"], Kind.CHAT_PROMPT)
        options, correct = tuple(each.get("options") or ()), 0 if kind is Kind.QUIZ else -1
        fake.answers.clear()
        answer(fake, each["text"], options, kind.value, correct)
        rows.append(draft(room(allows=allows), kind))

    with listening(valkey) as heard:
        for _ in range(5):
            sweep(60)

    shown = json.dumps([frame for _, frame in heard], ensure_ascii=False)
    assert len(harmful) == 100
    assert {row.author for row in rows} == {"template"}
    assert shown.count('"interaction"') >= len(rows)
    assert [each["text"] for each in harmful if each["text"] in shown] == []


def words(text: str, *options: str, kind: Kind = Kind.POLL) -> Content:
    return usual(kind, "en", text, options)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (words(PLAIN, kind=Kind.CHAT_PROMPT), ""),
        (words("How often do you look at a slow query?", "Never", "Once", "Every day"), ""),
        (words(PLAIN, "Yes", "No", kind=Kind.QUIZ), "kind"),
        (words("The slow query comes next.", kind=Kind.NOTIFICATION), "kind"),
        (words("The slow query comes next.", kind=Kind.CHAT_PROMPT), "no_question"),
        (words("Is a query slow after 30 seconds?", "Yes", "No"), "signs"),
        (words("Is Anna right about the slow query?", "Yes", "No"), "name"),
        (words("Is the slow query stupid?", "Yes", "No"), "word"),
        (words("Is the corp slow?", "Yes", "No"), "word"),
        (words("Who needs a slow query?", "I do", "All"), "word"),
        (words("What would help you right now?", "An example", "Questions"), "off_topic"),
        (usual(Kind.CHAT_PROMPT, "de", "Was ist hier die erste Frage?"), "language"),
    ],
)  # fmt: skip
def test_rules_let_only_plain_questions_pass(content: Content, code: str) -> None:
    assert plain_words.doubt(content, FRAME) == code


def test_german_rules_know_words_and_names() -> None:
    frame = plain_words.Frame("de", ("Warum Dämmung hilft",))

    texts = ("Was hilft euch bei der Dämmung?", "Weiß Anna Berger was bei der Dämmung hilft?",
             "Welcher Idiot fragt zur Dämmung?")  # fmt: skip
    found = [plain_words.doubt(usual(Kind.CHAT_PROMPT, "de", text), frame) for text in texts]

    assert found == ["", "name", "word"]


def test_setting_is_off_until_somebody_says_so_and_that_is_in_the_log(
    client: Client, owner: Any, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation))
    caller = Caller(organisation)
    path = f"sessions/{session.pk}/agent/"
    before = caller.get(path).json()["sends_model_words"]

    on = caller.call("patch", path, {"sends_model_words": True}).json()
    caller.call("patch", path, {"sends_model_words": True})
    client.force_login(owner)
    page = client.get(f"/sessions/{session.pk}/agent/").content.decode()

    assert (before, on["sends_model_words"]) == (False, True)
    assert "sent without anybody reading them first" in page
    assert [row.what for row in AgentChange.objects.all()] == ["unread"]
    record = AuditRecord.objects.get(theme="agent")
    assert (record.subject, record.who, record.by) == ("unread", "API key console", "person")
