"""Write the words of one intervention: model, second model, template, within one deadline."""

import datetime as dt
import logging
import os
import random
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache

from django.conf import settings
from django.core import signing
from django.db import OperationalError
from django.utils.module_loading import import_string

from interventions.agent.writing.llm import ledger
from interventions.agent.writing.llm.answers import judge
from interventions.agent.writing.llm.fallback import Attempt, Climb, climb
from interventions.agent.writing.llm.prices import label, worst_cost
from interventions.agent.writing.llm.prompts import (
    MOST_OUTPUT,
    Brief,
    Moment,
    Prompt,
    body,
    lay_out,
    size,
)
from interventions.agent.writing.llm.writer_protocol import Reply, Writer
from interventions.agent.writing.template_library import template_selection
from interventions.agent.writing.withdrawn_words import WITHDRAWN, stand
from interventions.kinds.content import Content
from interventions.lifecycle import tracing
from interventions.text_checks.text_gate import TextContext
from interventions.vocabulary.authorship import TEMPLATE

logger = logging.getLogger(__name__)
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be written, for which session of whom, with what a placeholder stands for.

    `quote` is the audience's question that a QUESTION_PROMPT surfaces. `asks_models`: False where the
    organizer wants templates only. `template_ids`: the wordings that are being compared; then no
    model is asked. `lines`, `question`: the keys of the audience's words in it, to see whether they stand.
    """

    brief: Brief
    moment: Moment
    session_id: int = 0
    organisation_id: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    quote: str = ""
    asks_models: bool = True
    template_ids: tuple[int, ...] = ()
    lines: tuple[int, ...] = ()
    question: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """Good content, who wrote it, and why not somebody better.

    `author` is a model's id or "template"; `reason` is "ok", "off" (no key, no server), "unasked",
    or the outcome of the last attempt.
    """

    content: Content
    author: str
    reason: str
    attempts: tuple[Attempt, ...] = ()
    template_id: int | None = None

    @property
    def label(self) -> str:
        """The author for people: "Sonnet 5.5", or "Template"."""
        return "Template" if self.author == TEMPLATE else label(self.author)


def is_on() -> bool:
    """Whether models are asked at all: there is a key, or a server of one's own."""
    return bool((settings.ANTHROPIC_API_KEY or settings.ANTHROPIC_BASE_URL) and settings.LLM_MODELS)


def write(request: Request, *, now: dt.datetime, rng: random.Random, clock: Clock) -> Written:
    """Return good content within LLM_DEADLINE_MS and a few milliseconds, whatever a model does.

    `clock` is monotonic seconds; `rng` draws among templates.
    """
    deadline = clock() + settings.LLM_DEADLINE_MS / 1_000
    moment, context = request.moment, text_context_of(request)
    with tracing.span("write", kind=moment.kind.value, session_id=request.session_id) as span:
        if asks(request):
            desk = _Desk(
                request, context, lay_out(request.brief, moment, context.canary), now, clock
            )
            done = climb(settings.LLM_MODELS, desk.ask, clock=clock, deadline=deadline)
        else:
            done = Climb(())
        written = _finish(request, context, done, rng)
        tracing.note(span, author=written.author, reason=written.reason)
    return written


def asks(request: Request) -> bool:
    """Whether a model is asked for this request."""
    return is_on() and request.asks_models and not request.template_ids


def stands(request: Request) -> bool:
    """Whether others still see the audience's words that a request holds."""
    return stand(request.lines, request.question, request.quote)


def text_context_of(request: Request) -> TextContext:
    """Return what the gate holds this request's texts against."""
    brief, moment = request.brief, request.moment
    return TextContext(
        moment.kind, brief.language, moment.chat, moment.recent, brief.terms,
        brief.forbidden, canary(),
    )  # fmt: skip


@cache
def canary() -> str:
    """Return the token that only the prompt holds: one per deployment, or no prefix would last."""
    return "kiwi-" + signing.Signer(salt="canary").signature("prompt")[:12].lower()


_writers: "dict[tuple[int, str, str], Future[Writer]]" = {}
"""Kept per process: a forked one needs a loop thread of its own."""


def prepare() -> "Future[Writer]":
    """Load the model's client in the background, once per process; the first use takes seconds."""
    key = (os.getpid(), settings.ANTHROPIC_API_KEY, settings.ANTHROPIC_BASE_URL)
    if key not in _writers:
        pool = ThreadPoolExecutor(1, thread_name_prefix="load-writer")
        # Two threads at once may load two clients: one is used, the other never asked.
        _writers.setdefault(key, pool.submit(_load, key[1], key[2]))
        pool.shutdown(wait=False)
    return _writers[key]


def forget() -> None:
    """Let the clients of this process go; the next writing loads another."""
    while _writers:
        _, loaded = _writers.popitem()
        loaded.result().close()


def _load(key: str, url: str) -> Writer:
    writer: Writer = import_string(settings.LLM_WRITER)(key, url)
    return writer


class _Desk:
    """Asks one model at a time, within the budget, and writes down what came of it."""

    def __init__(
        self, request: Request, context: TextContext, prompt: Prompt, now: dt.datetime, clock: Clock
    ) -> None:
        self.request, self.context, self.prompt = request, context, prompt
        self.now, self.clock = now, clock

    def ask(self, model: str, seconds: float) -> Attempt:
        """Return the attempt; never raises for anything a model, a network or a budget does."""
        if ledger.is_resting(model, self.now):
            return Attempt(model, "resting", 0.0)
        started = self.clock()
        try:
            writer = prepare().result(seconds)
        except TimeoutError:
            return Attempt(model, "loading", self.clock() - started)
        if not stands(self.request):
            return Attempt(model, WITHDRAWN, self.clock() - started)
        arguments = body(self.prompt, model, cached=model == settings.LLM_MODELS[0])
        worst = worst_cost(settings.LLM_PRICES[model], size(arguments), MOST_OUTPUT)
        held = ledger.reserve(worst, self.now, self.request.organisation_id)
        if held is None:
            return Attempt(model, "budget", self.clock() - started)
        with tracing.span("call", model=model) as span:
            reply = writer.ask(arguments, max(0.0, seconds - (self.clock() - started)))
            outcome, content = self._judge(reply)
            took = self.clock() - started
            entry = ledger.Entry(
                model, self.context.kind.value, self.request.session_id, outcome, took
            )
            tracing.note(span, outcome=outcome)
            self._book(held, reply, entry)
        return Attempt(model, outcome, took, content)

    def _book(self, held: ledger.Reservation, reply: Reply, entry: ledger.Entry) -> None:
        """Good words are not lost because the books cannot be reached: the hold stays as spent."""
        try:
            ledger.settle(held, reply, entry, self.now)
            ledger.let_rest(entry.model, reply, self.now)
        except OperationalError:
            logger.exception("a call of %s was not booked, %d held", entry.model, held.amount)

    def _judge(self, reply: Reply) -> tuple[str, Content | None]:
        if reply.failure:
            return reply.failure, None
        with tracing.span("gate") as span:
            outcome, content = judge(reply.stop_reason, reply.text, self.context)
            tracing.note(span, outcome=outcome)
        return outcome, content


def write_template(
    request: Request, reason: str, rng: random.Random, attempts: tuple[Attempt, ...] = ()
) -> Written:
    """Return a template's words for a request; `reason`: why no model's."""
    context = text_context_of(request)
    with tracing.span("template"):
        chosen = template_selection.choose(
            context, request.values, rng, style=request.moment.style, quote=request.quote,
            only=request.template_ids,
        )  # fmt: skip
    return Written(chosen.content, TEMPLATE, reason, attempts, chosen.template_id)


def _finish(request: Request, context: TextContext, done: Climb, rng: random.Random) -> Written:
    if done.content is not None:
        content = template_selection.quoting(done.content, request.quote, context)
        return Written(content, done.model, "ok", done.attempts)
    reason = done.outcome if asks(request) else "off"
    return write_template(request, reason, rng, done.attempts)
