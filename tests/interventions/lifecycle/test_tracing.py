"""Traces: they arrive where they are wanted, nowhere else, and hold nobody's words."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider

from conductor.devtools.fake_model import FakeModel
from conductor.monitoring import trace_export
from interventions.agent.writing import writer
from interventions.agent.writing.llm.prompts import Brief, Moment
from interventions.agent.writing.template_library.template_selection import load_library
from interventions.agent.writing.writer import Request
from interventions.kinds import Kind
from interventions.lifecycle import tracing
from tests.conftest import NOON

SPOKEN_BY_SOMEBODY = "zebras gallop over my notebook"


class Collector(ThreadingHTTPServer):
    """Keeps every request: path, headers, body."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.got: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Receiver(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.got.append((self.path, headers, body))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def nothing_set(settings: Any) -> None:
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = ""
    settings.LANGSMITH_TRACING, settings.LANGSMITH_API_KEY = False, ""


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], TracerProvider]]:
    """Trace with a provider of this test: the global one can be set once per process."""
    made: list[TracerProvider] = []

    def begin() -> TracerProvider:
        provider = trace_export.start()
        made.append(provider)
        monkeypatch.setattr(tracing, "_tracer", provider.get_tracer("conductor"))
        monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
        return provider

    yield begin
    for provider in made:
        provider.shutdown()


def write_once(settings: Any) -> None:
    """One writing through the real client, with a message of the audience in the prompt."""
    load_library(NOON)
    with FakeModel().running() as server:
        settings.ANTHROPIC_API_KEY, settings.ANTHROPIC_BASE_URL = "test", server.url
        moment = Moment(Kind.POLL, "Quiet", chat=(SPOKEN_BY_SOMEBODY,), nonce="5f3a9c01")
        request = Request(Brief("B-trees of Ada", "en"), moment, session_id=7)
        writer.prepare().result()
        written = writer.write(request, now=NOON, rng=random.Random(3), clock=time.monotonic)
        writer.forget()
    assert SPOKEN_BY_SOMEBODY in str(server.requests)
    assert written.reason == "ok"


@pytest.mark.django_db
def test_spans_of_stages_and_calls_reach_langsmith_without_a_word(
    collector: Collector, settings: Any, traced: Callable[[], TracerProvider]
) -> None:
    settings.LANGSMITH_TRACING, settings.LANGSMITH_API_KEY = True, "ls-key"
    settings.LANGSMITH_ENDPOINT, settings.LANGSMITH_PROJECT = collector.url, "summit"
    provider = traced()

    write_once(settings)
    provider.force_flush()

    path, headers, _ = collector.got[0]
    body = b"".join(body for _, _, body in collector.got)
    assert (path, headers["x-api-key"], headers["langsmith-project"]) == (
        "/otel/v1/traces", "ls-key", "summit",
    )  # fmt: skip
    for name in (b"conductor.write", b"conductor.call", b"conductor.gate", b"claude-sonnet-5-5"):
        assert name in body
    for word in (SPOKEN_BY_SOMEBODY, "zebras", "B-trees of Ada", "You write the few words"):
        assert word.encode() not in body


@pytest.mark.django_db
def test_collector_gets_spans_at_the_standard_path(
    collector: Collector, settings: Any, traced: Callable[[], TracerProvider]
) -> None:
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url
    provider = traced()

    with tracing.span("write", kind="POLL"):
        pass
    provider.force_flush()

    assert [path for path, _, _ in collector.got] == ["/v1/traces"]


def spans(collector: Collector) -> list[Any]:
    """Return what a sink reads from the bytes."""
    return [
        span
        for _, _, body in collector.got
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


@pytest.mark.django_db
def test_sink_reads_spans_and_nobodys_words_in_them(
    collector: Collector, settings: Any, traced: Callable[[], TracerProvider]
) -> None:
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url
    provider = traced()

    write_once(settings)
    provider.force_flush()

    found = spans(collector)
    assert {"conductor.write", "conductor.call", "conductor.gate"} <= {each.name for each in found}
    assert all(each.end_time_unix_nano >= each.start_time_unix_nano > 0 for each in found)
    [whole] = {each.trace_id for each in found}
    assert len(whole) == 16
    said = " ".join(str(each) for each in found)
    for word in (*SPOKEN_BY_SOMEBODY.split(), "B-trees", "Ada", "Quiet", "You write the few words"):
        assert word not in said


@pytest.mark.django_db
@pytest.mark.parametrize(("flag", "key"), [(True, ""), (False, "ls-key"), (False, "")])
def test_without_flag_and_key_nothing_is_sent(
    collector: Collector,
    settings: Any,
    traced: Callable[[], TracerProvider],
    flag: bool,
    key: str,
) -> None:
    settings.LANGSMITH_TRACING, settings.LANGSMITH_API_KEY = flag, key
    settings.LANGSMITH_ENDPOINT = collector.url
    provider = traced()

    with tracing.span("write"):
        pass
    provider.force_flush()

    assert not tracing.is_wanted()
    assert collector.got == []


def test_traces_endpoint_in_full_is_taken_as_it_is(settings: Any) -> None:
    settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = "http://127.0.0.1:1/custom"

    [exporter] = trace_export.exporters()

    assert exporter._endpoint == "http://127.0.0.1:1/custom"
    assert tracing.is_wanted()
