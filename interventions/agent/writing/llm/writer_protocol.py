"""What the adapter of a model answers, and what any adapter must keep to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from interventions.agent.writing.llm.prices import Usage


@dataclass(frozen=True, slots=True)
class Reply:
    """One request to a model, answered or not.

    `failure` names what went wrong below the content ("timeout", "http_429", …) and is empty where
    a message came; then `stop_reason` and `text` are its. `usage` is None where nobody can say
    what was billed. `retry_after` is seconds, where the server named them.
    """

    failure: str = ""
    stop_reason: str = ""
    text: str = ""
    usage: Usage | None = None
    request_id: str = ""
    retry_after: float | None = None


class Writer(Protocol):
    """Asks a model. Returns within `seconds` (a little later at most) and never raises."""

    def ask(self, arguments: Mapping[str, Any], seconds: float) -> Reply:
        """Send one Messages request and return what came of it."""

    def close(self) -> None:
        """Let connections and threads go."""
