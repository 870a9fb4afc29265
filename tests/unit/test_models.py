"""What models cost, and what is said of one that nobody knows."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import tasks.models
from tasks.contract.events import Usage
from tasks.contract.limits import ModelTerms, Price
from tasks.models import prices_as_of, terms_of
from tasks.settings import DEFAULT_MODEL

USAGE = Usage(
    input_tokens=1_000, output_tokens=500, cache_creation_input_tokens=10_000, cache_read_input_tokens=100_000
)
NAMES = json.loads(Path(tasks.models.__file__).with_suffix(".json").read_text())["models"]


def test_cost_adds_up_all_four_kinds_of_tokens() -> None:
    terms = ModelTerms("m", Price(input=2, output=10, cache_write=2.5, cache_read=0.1))
    assert terms.cost_usd(USAGE) == pytest.approx(0.002 + 0.005 + 0.025 + 0.01)


def test_cost_is_not_known_when_the_model_is_not() -> None:
    assert terms_of("model-of-tomorrow").cost_usd(USAGE) is None


def test_cost_takes_the_price_of_long_prompts_when_the_prompt_is_long() -> None:
    terms = terms_of("claude-haiku-5-5")
    short, long = Usage(input_tokens=100_000), Usage(input_tokens=1, cache_read_input_tokens=100_000)
    assert terms.cost_usd(short) == pytest.approx(0.01)
    assert terms.cost_usd(long) == pytest.approx(0.05 * 0.1 + 0.5 / 1_000_000)


def test_terms_are_found_by_a_dated_name_as_well() -> None:
    assert terms_of("claude-haiku-4-5-20251001").price == terms_of("claude-haiku-4-5").price
    assert terms_of("claude-haiku-4-5-20251001").model == "claude-haiku-4-5-20251001"


@pytest.mark.parametrize("name", NAMES)
def test_prices_are_ordered_as_the_provider_orders_them(name: str) -> None:
    price = terms_of(name).price
    assert price is not None
    assert 0 < price.cache_read < price.input < price.cache_write < price.output


def test_price_list_has_its_date_and_the_default_model() -> None:
    assert date.fromisoformat(prices_as_of()) <= datetime.now(UTC).date()
    assert terms_of(DEFAULT_MODEL).price is not None


def test_spent_leaves_out_what_came_from_the_cache_unless_it_counts() -> None:
    assert ModelTerms("m").spent(USAGE).input_tokens == 11_000
    assert ModelTerms("m", cached_input_counts=True).spent(USAGE).input_tokens == 111_000
