"""Prompt caching as the Messages API bills it: prefixes, breakpoints, a life that reads renew.

Tokens are a quarter of the characters, which is near enough; the rules are what matters here.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

LIFE_SECONDS: Final = {"5m": 300.0, "1h": 3_600.0}
SHORTEST_PREFIX: Final = 512
"""Tokens; a shorter prefix is not cached, without an error."""


def tokens(text: str) -> int:
    """Return how many tokens a text has here."""
    return max(1, len(text) // 4)


@dataclass
class PromptCache:
    """The entries of one workspace. `clock` is seconds."""

    clock: Callable[[], float]
    entries: dict[str, float] = field(default_factory=dict)

    def usage(self, body: Mapping[str, Any], output: str) -> dict[str, Any]:
        """Return `usage` for a request and its answer, and remember what it wrote."""
        total, marks = _prefixes(body)
        now = self.clock()
        read = self._read(marks, now)
        written = {"5m": 0, "1h": 0}
        reached = read
        for key, upto, life in marks:
            if upto >= SHORTEST_PREFIX and upto > reached:
                written[life] += upto - reached
                reached = upto
                self.entries[key] = now + LIFE_SECONDS[life]
        writes = written["5m"] + written["1h"]
        return {
            "input_tokens": total - read - writes,
            "output_tokens": tokens(output),
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": writes,
            "cache_creation": {
                "ephemeral_5m_input_tokens": written["5m"],
                "ephemeral_1h_input_tokens": written["1h"],
            },
            "service_tier": "standard",
        }

    def _read(self, marks: list[tuple[str, int, str]], now: float) -> int:
        read = 0
        for key, upto, life in marks:
            if self.entries.get(key, 0.0) > now:
                read = upto
                self.entries[key] = now + LIFE_SECONDS[life]
        return read


def _prefixes(body: Mapping[str, Any]) -> tuple[int, list[tuple[str, int, str]]]:
    """Return all tokens, and for each breakpoint its key, the tokens up to it, and its life.

    Model, thinking and output format are rendered into the prompt: they are part of the key.
    """
    constants = [body["model"], body.get("thinking"), body.get("output_config")]
    digest = hashlib.sha256(json.dumps(constants, sort_keys=True).encode())
    total, marks = 0, []
    for block in _blocks(body):
        total += tokens(block["text"])
        digest.update(json.dumps(block["text"]).encode())
        if control := block.get("cache_control"):
            marks.append((digest.hexdigest(), total, control.get("ttl", "5m")))
    return total, marks


def _blocks(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    parts: list[Any] = [body.get("system") or []]
    parts += [message["content"] for message in body["messages"]]
    return [
        block for part in parts for block in ([{"text": part}] if isinstance(part, str) else part)
    ]
