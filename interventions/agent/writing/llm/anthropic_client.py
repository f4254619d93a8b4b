"""The one module that knows the model's client. Importing it takes seconds and 90 MB.

The client's own retries obey Retry-After without a limit, and its timeout is per read: a slow drip
never trips it. So it tries once, and one total timeout holds on a loop of our own.
"""

import asyncio
import threading
from collections.abc import Mapping
from typing import Any, Final

import anthropic
import httpx2
from anthropic.types import Message

from interventions.agent.writing.llm.prices import Usage
from interventions.agent.writing.llm.writer_protocol import Reply

GRACE_SECONDS: Final = 0.3
"""What a cancelled request may take to let go."""
_UNKNOWN_WAIT: Final = 5.0


class AnthropicWriter:
    """Asks a Messages API. One client and one loop thread for each process that writes.

    Make it after a fork, never before: threads do not survive one.
    """

    def __init__(self, api_key: str, base_url: str) -> None:
        # Named here, so that no profile of the machine's user is picked up.
        self._client = anthropic.AsyncAnthropic(
            api_key=api_key or "none",
            base_url=base_url or "https://api.anthropic.com",
            max_retries=0,
            open_telemetry={"propagation": False},
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="writer")
        self._thread.start()

    def ask(self, arguments: Mapping[str, Any], seconds: float) -> Reply:
        """Send one request; whatever happens becomes a Reply within `seconds`."""
        asked = asyncio.run_coroutine_threadsafe(self._ask(arguments, seconds), self._loop)
        try:
            return asked.result(seconds + GRACE_SECONDS)
        except TimeoutError:
            asked.cancel()
            return Reply("timeout")

    def close(self) -> None:
        """Let connections and thread go."""
        asyncio.run_coroutine_threadsafe(self._client.close(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _ask(self, arguments: Mapping[str, Any], seconds: float) -> Reply:
        try:
            async with asyncio.timeout(seconds):
                message: Any = await self._client.messages.create(**arguments)
        except (TimeoutError, anthropic.APITimeoutError):
            return Reply("timeout")
        except anthropic.APIStatusError as error:
            return _refused(error)
        except (anthropic.APIConnectionError, httpx2.HTTPError):
            return Reply("connection")
        except (anthropic.AnthropicError, ValueError, TypeError, AttributeError):
            return Reply("malformed")
        # A proxy's page with status 200 comes back as a text.
        return _answer(message) if isinstance(message, Message) else Reply("not_a_message")


def _answer(message: Message) -> Reply:
    try:
        text = "".join(block.text for block in message.content if block.type == "text")
        usage = Usage.from_wire(message.usage.to_dict())
    except (AttributeError, TypeError, ValueError):
        return Reply("malformed")
    return Reply("", message.stop_reason or "", text, usage, message._request_id or "")


def _refused(error: anthropic.APIStatusError) -> Reply:
    """An error is not billed."""
    wait = error.response.headers.get("retry-after")
    return Reply(
        f"http_{error.status_code}",
        usage=Usage(),
        request_id=error.request_id or "",
        retry_after=None if wait is None else _seconds(wait),
    )


def _seconds(header: str) -> float:
    """A date is legal too, and rare: then a few seconds."""
    try:
        return max(0.0, float(header))
    except ValueError:
        return _UNKNOWN_WAIT
