"""Spans around what the agent does. They carry ids, names and numbers, never a word of anybody.

Without an exporter they cost next to nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string
from opentelemetry import trace

_tracer = trace.get_tracer("conductor")
Value = str | int | float | bool


def is_wanted() -> bool:
    """Whether spans go anywhere: to a collector, or to LangSmith when its flag and key are set."""
    return bool(
        settings.OTEL_EXPORTER_OTLP_ENDPOINT
        or settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
        or (settings.LANGSMITH_TRACING and settings.LANGSMITH_API_KEY)
    )


@cache
def start() -> None:
    """Start exporting in this process, once, where it is wanted. Imports the SDK only then."""
    if is_wanted():
        trace.set_tracer_provider(import_string(settings.TRACE_EXPORT)())


@contextmanager
def span(name: str, **attributes: Value) -> Iterator[trace.Span]:
    """Measure one stage or call."""
    with _tracer.start_as_current_span(f"conductor.{name}") as current:
        for key, value in attributes.items():
            current.set_attribute(f"conductor.{key}", value)
        current.set_attribute("langsmith.span.kind", "chain")
        yield current


def note(current: trace.Span, **attributes: Value) -> None:
    """Add what is known at the end of a span."""
    for key, value in attributes.items():
        current.set_attribute(f"conductor.{key}", value)
