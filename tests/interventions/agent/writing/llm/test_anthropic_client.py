"""The adapter at its edges; what a server can do to it is in test_writing."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from conductor.devtools.fake_model import FakeModel, Fault
from interventions.agent.writing.llm.anthropic_client import AnthropicWriter
from interventions.agent.writing.llm.prompts import Brief, Moment, body, lay_out
from interventions.kinds import Kind


def arguments(model: str = "claude-haiku-5-5") -> dict[str, Any]:
    prompt = lay_out(Brief("B-trees", "en"), Moment(Kind.POLL, nonce="1"))
    return body(prompt, model, cached=False)


@pytest.fixture
def fake() -> Iterator[FakeModel]:
    with FakeModel().running() as server:
        yield server


@pytest.fixture
def writer(fake: FakeModel) -> Iterator[AnthropicWriter]:
    made = AnthropicWriter("", fake.url)
    yield made
    made.close()


def test_local_server_needs_no_key(writer: AnthropicWriter) -> None:
    reply = writer.ask(arguments(), 5.0)

    assert (reply.failure, reply.stop_reason, reply.request_id) == ("", "end_turn", "req_00000001")
    assert '"kind": "POLL"' in reply.text


def test_nothing_is_tried_twice(fake: FakeModel, writer: AnthropicWriter) -> None:
    fake.script.extend([Fault("529"), Fault("ok")])

    assert writer.ask(arguments(), 5.0).failure == "http_529"
    assert len(fake.requests) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0.5", 0.5), ("-3", 0.0), ("Fri, 31 Dec 2027 23:59:59 GMT", 5.0)],
)
def test_retry_after_is_read_in_every_form(
    fake: FakeModel, writer: AnthropicWriter, header: str, seconds: float
) -> None:
    fake.script.append(Fault("429", header=header))

    assert writer.ask(arguments(), 5.0).retry_after == seconds


def test_request_that_the_server_finds_wrong_has_its_status(writer: AnthropicWriter) -> None:
    wrong = arguments("claude-sonnet-5-5") | {"thinking": {"type": "disabled"}}

    assert writer.ask(wrong, 5.0).failure == "http_400"


def test_server_that_is_not_there_is_a_connection_that_failed() -> None:
    writer = AnthropicWriter("k", "http://127.0.0.1:1")

    reply = writer.ask(arguments(), 5.0)
    writer.close()

    assert (reply.failure, reply.usage) == ("connection", None)


def test_loop_that_hangs_does_not_hold_the_caller(writer: AnthropicWriter) -> None:
    writer._loop.call_soon_threadsafe(time.sleep, 0.6)

    assert writer.ask(arguments(), 0.1).failure == "timeout"


def test_starting_the_product_does_not_load_the_client() -> None:
    code = (
        "import sys, django; django.setup(); from django.contrib import admin;"
        "admin.autodiscover(); import conductor.urls, interventions.tasks;"
        "sys.exit('anthropic' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], env=_environment(), check=False, timeout=60)

    assert done.returncode == 0


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("LLM_MODELS", "qwen3", "qwen3 has no price; add qwen3=0 to LLM_PRICES"),
        ("LLM_PRICES", "qwen3=cheap", "qwen3=cheap is neither"),
    ],
)
def test_model_without_a_price_stops_the_start(name: str, value: str, sentence: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import conductor.settings"], env=_environment(**{name: value}),
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert done.returncode == 1
    assert sentence in done.stderr


def _environment(**changes: str) -> dict[str, str]:
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "conductor.settings", **changes}
