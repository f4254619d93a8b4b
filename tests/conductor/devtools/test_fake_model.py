"""The fake Messages API: it bills as the real one does, and refuses what the real one refuses."""

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from conductor.devtools.fake_model import FakeModel, Fault, PromptCache
from interventions.agent.writing.llm.prompts import Brief, Moment, body, lay_out
from interventions.kinds import Kind

LONG = "word " * 1_000


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def server() -> Iterator[FakeModel]:
    with FakeModel(seed=2).running() as running:
        yield running


def asked(*lives: str, user: str = "hello", model: str = "claude-sonnet-5-5") -> dict[str, Any]:
    system = [
        {"type": "text", "text": f"{place}{LONG}", "cache_control": {"type": "ephemeral", "ttl": life}}
        for place, life in enumerate(lives)
    ]  # fmt: skip
    return {"model": model, "system": system, "messages": [{"role": "user", "content": user}]}


def billed(cache: PromptCache, request: dict[str, Any]) -> tuple[int, int, int, int]:
    usage = cache.usage(request, "x" * 40)
    writes = usage["cache_creation"]
    return (
        usage["input_tokens"], usage["cache_read_input_tokens"],
        writes["ephemeral_5m_input_tokens"], writes["ephemeral_1h_input_tokens"],
    )  # fmt: skip


def test_prefix_is_written_once_and_read_until_an_hour_after_the_last_read() -> None:
    clock = Clock()
    cache = PromptCache(clock)

    first = billed(cache, asked("1h"))
    clock.now = 3_599
    second = billed(cache, asked("1h", user="other words"))
    clock.now += 3_599
    third = billed(cache, asked("1h"))
    clock.now += 3_601
    late = billed(cache, asked("1h"))

    assert first == late == (1, 0, 0, 1_250)
    assert second == (2, 1_250, 0, 0)
    assert third == (1, 1_250, 0, 0)


def test_two_breakpoints_share_the_first_block_across_events() -> None:
    cache = PromptCache(Clock())
    billed(cache, asked("1h", "1h"))
    other = asked("1h", "1h")
    other["system"][1]["text"] = "another event " * 400

    assert billed(cache, other) == (1, 1_250, 0, 1_400)


@pytest.mark.parametrize(
    "change", [{"model": "claude-haiku-5-5"}, {"output_config": {"format": 1}}]
)
def test_another_model_or_schema_shares_nothing(change: dict[str, Any]) -> None:
    cache = PromptCache(Clock())
    billed(cache, asked("5m"))

    assert billed(cache, asked("5m") | change) == (1, 0, 1_250, 0)


def test_short_prefix_is_not_cached_without_an_error() -> None:
    request = asked("1h")
    request["system"][0]["text"] = "short " * 50

    assert billed(PromptCache(Clock()), request) == (76, 0, 0, 0)


def post(url: str, data: Any, **headers: str) -> tuple[int, Any]:
    request = urllib.request.Request(url, json.dumps(data).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def good(model: str = "claude-sonnet-5-5") -> dict[str, Any]:
    prompt = lay_out(Brief("B-trees", "en"), Moment(Kind.QUIZ, nonce="1"))
    return body(prompt, model, cached=True)


HEADERS = {"authorization": "Bearer k", "anthropic-version": "2026-10-21"}


@pytest.mark.parametrize(
    ("change", "headers", "status"),
    [
        ({}, HEADERS, 200),
        ({}, {"anthropic-version": "2026-10-21"}, 401),
        ({}, {"authorization": "Bearer k"}, 400),
        ({"temperature": 1}, HEADERS, 400),
        ({"thinking": {"type": "disabled"}}, HEADERS, 400),
    ],
)
def test_requests_are_checked_as_the_real_one_does(
    server: FakeModel, change: dict[str, Any], headers: dict[str, str], status: int
) -> None:
    assert post(f"{server.url}/v1/messages", good() | change, **headers)[0] == status


def test_script_is_added_over_http(server: FakeModel) -> None:
    post(f"{server.url}/script", ["529", "429"])

    answers = [post(f"{server.url}/v1/messages", good(), **HEADERS)[0] for _ in range(3)]

    assert answers == [529, 429, 200]


def test_answers_are_of_the_kind_and_language_asked(server: FakeModel) -> None:
    _, message = post(f"{server.url}/v1/messages", good(), **HEADERS)

    answer = json.loads(message["content"][0]["text"])
    assert (answer["kind"], answer["language"]) == ("QUIZ", "en")
    assert message["usage"] == {k: v for k, v in server.usages[0].items() if k != "model"}


def test_share_of_faults_is_drawn_by_seed() -> None:
    servers = [FakeModel(seed=4, faulty=0.5) for _ in range(2)]

    drawn = [[server.next_fault().name for _ in range(40)] for server in servers]

    for server in servers:
        server.server_close()
    assert drawn[0] == drawn[1]
    assert 8 < drawn[0].count("ok") < 32


def test_command_refuses_a_fault_it_does_not_know() -> None:
    with pytest.raises(CommandError, match="nonsense: one of"):
        call_command("fake_model", "--script", "nonsense")
    assert Fault("hang").seconds == 30.0


def ignore_ctrl_c() -> None:
    """As a shell does for what it starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_command_says_where_it_listens_and_stops_when_told(number: signal.Signals) -> None:
    command = [sys.executable, "manage.py", "fake_model", "--port", "0", "--script", "529"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=ignore_ctrl_c)
    assert process.stdout is not None
    url = process.stdout.readline().strip().removeprefix("ANTHROPIC_BASE_URL=")

    answers = [post(f"{url}/v1/messages", good(), **HEADERS)[0] for _ in range(2)]
    process.send_signal(number)
    rest, _ = process.communicate(timeout=240)

    assert answers == [529, 200]
    assert (process.returncode, rest) == (0, "Stopped.\n")
