"""What a call costs, to the nano-dollar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interventions.agent.writing.llm.prices import (
    FREE,
    PRICES,
    Price,
    PriceError,
    Usage,
    cost,
    input_cost,
    label,
    read_prices,
    worst_cost,
)

SONNET = PRICES["claude-sonnet-5-5"]


def test_cost_is_the_sum_of_tokens_by_class() -> None:
    usage = Usage(input=200, write_5m=10, write_1h=1_500, read=3_000, output=120)

    assert input_cost(SONNET, usage) == 400_000 + 25_000 + 6_000_000 + 300_000
    assert cost(SONNET, usage) == 6_725_000 + 1_200_000
    assert usage.prompt == 4_710


def test_usage_is_read_from_the_wire_as_billed() -> None:
    wire = {
        "input_tokens": 7, "output_tokens": 9, "cache_read_input_tokens": None,
        "cache_creation_input_tokens": 30, "cache_creation": {"ephemeral_1h_input_tokens": 20},
    }  # fmt: skip

    assert Usage.from_wire(wire) == Usage(input=7, write_5m=10, write_1h=20, output=9)
    assert Usage.from_wire({}) == Usage()


@given(tokens=st.integers(1, 5_000), output=st.integers(0, 400), written=st.booleans())
def test_worst_cost_bounds_every_way_to_bill_a_prompt(
    tokens: int, output: int, written: bool
) -> None:
    usage = Usage(write_1h=tokens, output=output) if written else Usage(tokens, output=output)

    assert cost(SONNET, usage) <= worst_cost(SONNET, -(-tokens * 5 // 2), 400)


def test_prices_of_the_settings_are_added() -> None:
    table = read_prices(["qwen=0", "claude-x=3:3.75:6:0.3:15"])

    assert table["qwen"] == FREE
    assert table["claude-x"] == Price(3_000, 3_750, 6_000, 300, 15_000)
    assert table["claude-haiku-5-5"] == Price(100, 125, 200, 10, 500)


@pytest.mark.parametrize("entry", ["qwen", "=0", "qwen=1:2", "qwen=a", "qwen=-1:1:1:1:1"])
def test_price_that_cannot_be_read_is_refused(entry: str) -> None:
    with pytest.raises(PriceError):
        read_prices([entry])


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("claude-sonnet-5-5", "Sonnet 5.5"), ("claude-haiku-4-5-20251001", "Haiku 4.5"),
        ("claude-sonnet-5", "Sonnet 5"), ("qwen3:8b", "qwen3:8b"), ("claude-next", "claude-next"),
    ],
)  # fmt: skip
def test_models_have_names_for_people(model: str, name: str) -> None:
    assert label(model) == name
