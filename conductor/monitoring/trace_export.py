"""The OpenTelemetry SDK and its exporters; loaded only where traces are wanted."""

from django.conf import settings
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

TIMEOUT_SECONDS = 5


def start() -> TracerProvider:
    """Return a provider that sends to every destination that is set; sends in the background."""
    provider = TracerProvider(resource=Resource.create({"service.name": "conductor"}))
    for exporter in exporters():
        provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def exporters() -> list[OTLPSpanExporter]:
    """Return one exporter for each destination of the settings."""
    found = []
    collector = settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or (
        settings.OTEL_EXPORTER_OTLP_ENDPOINT and f"{settings.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces"
    )
    if collector:
        found.append(OTLPSpanExporter(endpoint=collector, timeout=TIMEOUT_SECONDS))
    # Both: the flag alone would send to whoever answers there, without a key.
    if settings.LANGSMITH_TRACING and settings.LANGSMITH_API_KEY:
        headers = {
            "x-api-key": settings.LANGSMITH_API_KEY,
            "Langsmith-Project": settings.LANGSMITH_PROJECT,
        }
        found.append(
            OTLPSpanExporter(
                endpoint=f"{settings.LANGSMITH_ENDPOINT}/otel/v1/traces",
                headers=headers,
                timeout=TIMEOUT_SECONDS,
            )
        )
    return found
