"""May a model's words go out although nobody reads them? Plain rules first, then another model's word.

Whatever goes wrong, the answer is no: no time, no money, no answer, no plain yes.
"""

import datetime as dt
from typing import Final

from django.conf import settings
from django.db import OperationalError

from interventions.agent.writing import writer as text_writer
from interventions.agent.writing.llm import ledger
from interventions.agent.writing.llm.prices import worst_cost
from interventions.agent.writing.llm.prompts import size
from interventions.agent.writing.llm.writer_protocol import Reply
from interventions.agent.writing.second_check import judge, plain_words
from interventions.agent.writing.withdrawn_words import WITHDRAWN
from interventions.agent.writing.writer import Clock, Request, Written
from interventions.lifecycle import tracing

CHECK: Final = "CHECK"
"""What the ledger calls a judge's call, where a writer's has the kind of its words."""


def doubt(written: Written, request: Request, own: str, *, now: dt.datetime, clock: Clock) -> str:
    """Return why a person has to read a model's words first, a code; empty where nobody must.

    own: the organisation's name. Returns within LLM_CHECK_MS and a few milliseconds.
    """
    brief = request.brief
    frame = plain_words.Frame(brief.language, (brief.title, *brief.agenda), (own, brief.event))
    if found := plain_words.doubt(written.content, frame):
        return found
    with tracing.span("second_look", session_id=request.session_id) as span:
        outcome = _asked(written, request, now, clock)
        tracing.note(span, outcome=outcome)
    return "" if outcome == "ok" else f"judge_{outcome}"


def _asked(written: Written, request: Request, now: dt.datetime, clock: Clock) -> str:
    """Return "ok" for a plain yes, else what came instead."""
    deadline = clock() + settings.LLM_CHECK_MS / 1_000
    model = _judge_of(written.author)
    if ledger.is_resting(model, now):
        return "resting"
    started = clock()
    try:
        writer = text_writer.prepare().result(deadline - started)
    except TimeoutError:
        return "loading"
    if not text_writer.stands(request):
        return WITHDRAWN
    arguments = judge.body(written.content, request.brief, model)
    worst = worst_cost(settings.LLM_PRICES[model], size(arguments), judge.MOST_OUTPUT)
    held = ledger.reserve(worst, now, request.organisation_id)
    if held is None:
        return "budget"
    reply = writer.ask(arguments, max(0.0, deadline - clock()))
    outcome = _outcome(reply)
    entry = ledger.Entry(model, CHECK, request.session_id, outcome, clock() - started)
    try:
        ledger.settle(held, reply, entry, now)
        ledger.let_rest(model, reply, now)
    except OperationalError:
        return "unbooked"
    return outcome


def _outcome(reply: Reply) -> str:
    if reply.failure:
        return reply.failure
    return "ok" if judge.fits(reply.stop_reason, reply.text) else "no"


def _judge_of(author: str) -> str:
    """Return another model than the one that wrote, where there is one."""
    return next((model for model in settings.LLM_MODELS if model != author), author)
