"""What a call costs. Prices are nano-dollars a token: 2.00 USD a million tokens is 2,000.

Source (2026-11-22): the pricing and prompt-caching pages of platform.claude.com and their model
pages; the cache-read price of 5.5 models (0.05 and 0.1 of input) from the release notes of
2026-10-07. The package genai-prices 0.2.3 gives the same numbers. A cache read of 1 h costs what
one of 5 min costs; output includes thinking.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


class PriceError(ValueError):
    """A price cannot be read."""


@dataclass(frozen=True, slots=True)
class Price:
    """Nano-dollars a token, by class."""

    input: int
    write_5m: int
    write_1h: int
    read: int
    output: int


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, as billed. `input` leaves out what was read from or written to a cache."""

    input: int = 0
    write_5m: int = 0
    write_1h: int = 0
    read: int = 0
    output: int = 0

    @classmethod
    def from_wire(cls, usage: Mapping[str, Any]) -> "Usage":
        """Read the `usage` of a Messages API; servers without caching leave fields out or null."""
        writes = usage.get("cache_creation") or {}
        hour = int(writes.get("ephemeral_1h_input_tokens") or 0)
        total = int(usage.get("cache_creation_input_tokens") or 0)
        return cls(
            input=int(usage.get("input_tokens") or 0),
            write_5m=max(0, total - hour),
            write_1h=hour,
            read=int(usage.get("cache_read_input_tokens") or 0),
            output=int(usage.get("output_tokens") or 0),
        )

    @property
    def prompt(self) -> int:
        """All tokens that went in."""
        return self.input + self.write_5m + self.write_1h + self.read


FREE: Final = Price(0, 0, 0, 0, 0)
PRICES: Final[dict[str, Price]] = {
    "claude-sonnet-5-5": Price(2_000, 2_500, 4_000, 100, 10_000),
    "claude-haiku-5-5": Price(100, 125, 200, 10, 500),
    "claude-haiku-4-5": Price(1_000, 1_250, 2_000, 100, 5_000),
}


def input_cost(price: Price, usage: Usage) -> int:
    """Return what the prompt cost, in nano-dollars."""
    return (
        usage.input * price.input
        + usage.write_5m * price.write_5m
        + usage.write_1h * price.write_1h
        + usage.read * price.read
    )


def cost(price: Price, usage: Usage) -> int:
    """Return what the call cost, in nano-dollars."""
    return input_cost(price, usage) + usage.output * price.output


def worst_cost(price: Price, prompt_bytes: int, most_output: int) -> int:
    """Return a bound of what a call can cost: 2.5 bytes a token, all written to the dearest cache.

    Four characters a token would be too few for CJK text.
    """
    tokens = -(-prompt_bytes * 2 // 5)
    return tokens * max(price.input, price.write_1h) + most_output * price.output


def read_prices(entries: list[str]) -> dict[str, Price]:
    """Return the table with `entries` added: `model=input:write5m:write1h:read:output` in USD a
    million tokens (at most 3 decimals), or `model=0` for a server of one's own.

    Raises PriceError.
    """
    table = dict(PRICES)
    for entry in entries:
        model, _, text = entry.partition("=")
        try:
            numbers = [round(float(part) * 1_000) for part in text.split(":")]
        except ValueError as error:
            raise PriceError(entry) from error
        if numbers == [0]:
            numbers = [0] * 5
        if not model or len(numbers) != 5 or min(numbers) < 0:
            raise PriceError(entry)
        table[model] = Price(*numbers)
    return table


def label(model: str) -> str:
    """Return a model's name for people: "Sonnet 5.5" of claude-sonnet-5-5, else the id itself."""
    maker, _, rest = model.partition("-")
    name, _, version = rest.partition("-")
    numbers = [part for part in version.split("-") if len(part) <= 2 and part.isdigit()]
    if maker != "claude" or not numbers:
        return model
    return f"{name.capitalize()} {'.'.join(numbers)}"
