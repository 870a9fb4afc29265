"""Settings: defaults, what is refused and how, and that each variable is documented."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tasks import settings as settings_module
from tasks.contract.names import TaskKind
from tasks.settings import (
    Settings,
    SettingsError,
    celery_broker_url,
    embedded_socket_path,
    is_loopback,
    per_minute,
    read_settings,
)

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
SECRET = "sixteen characters at the least"


class Recording(Mapping[str, str]):
    """An environment that writes down which variables it was asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values_given = values
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self.values_given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_given)

    def __len__(self) -> int:
        return len(self.values_given)


def read(tmp_path: Path, **variables: str) -> Settings:
    return read_settings({"DATA_DIR": str(tmp_path), **variables})


def variables_read(tmp_path: Path) -> set[str]:
    """What one full reading asks for; `proxy` walks past every branch."""
    environ = Recording(
        {"DATA_DIR": str(tmp_path), "ACCESS": "proxy", "TRUSTED_PROXIES": "10.0.0.5", "SECRET_KEY": SECRET}
    )
    read_settings(environ)
    return environ.asked


def variables_documented() -> set[str]:
    return set(re.findall(r"^\| `([A-Z_]+)` \|", DOCUMENT.read_text(), flags=re.MULTILINE))


def test_every_variable_that_is_read_is_documented_and_no_other(tmp_path: Path) -> None:
    assert variables_documented() == variables_read(tmp_path)


def test_every_variable_named_in_the_source_is_read(tmp_path: Path) -> None:
    tree = ast.parse(inspect.getsource(settings_module))
    strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    named = {text for text in strings if re.fullmatch(r"[A-Z]+(_[A-Z]+)*", text)}
    assert named <= variables_read(tmp_path)


def test_defaults_are_those_of_the_document_when_nothing_is_set(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert (settings.host, settings.port, settings.access) == ("127.0.0.1", 8000, "local")
    assert (settings.use_celery, settings.redis_embedded, settings.worker_concurrency) == (True, True, 16)
    assert (settings.engine, settings.retention_days, settings.rate_limits) == ("checker", 30, {})
    assert settings.daily_cost_limit_usd is None
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| `([^`]+)` \|", DOCUMENT.read_text(), flags=re.MULTILINE))
    assert rows["CLAUDE_MODEL"] == settings.claude_model
    assert rows["TRUSTED_USER_HEADER"] == settings.trusted_user_header


def test_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    assert read(tmp_path, PORT="", REDIS_URL="", USE_CELERY="") == read(tmp_path)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("USE_CELERY", "perhaps"),
        ("ACCESS", "everyone"),
        ("WORKER_CONCURRENCY", "0"),
        ("RATE_LIMIT_ANALYSIS", "5/day"),
        ("RATE_LIMIT_CHAT", "0/m"),
        ("RATE_LIMIT_TEST", "many"),
        ("CLAUDE_RPM", "-1"),
        ("CLAUDE_INPUT_TPM", "x"),
        ("CLAUDE_OUTPUT_TPM", "x"),
        ("CLAUDE_CONCURRENCY", "x"),
        ("DAILY_COST_LIMIT_USD", "five"),
        ("OWNER_DAILY_COST_LIMIT_USD", "-2"),
        ("RETENTION_DAYS", "0"),
        ("SECRET_KEY", "short"),
        ("GALLEY_TIME_FACTOR", "0"),
        ("HOST", "0.0.0.0"),
    ],
)
def test_error_names_the_variable_when_its_value_cannot_be_used(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        read(tmp_path, **{variable: value})


@pytest.mark.parametrize("access", ["anonymous", "proxy"])
def test_error_asks_for_a_secret_when_others_can_come(tmp_path: Path, access: str) -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        read(tmp_path, ACCESS=access, TRUSTED_PROXIES="10.0.0.5")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TRUSTED_PROXIES", "10.0.0.5,proxy"),
        ("REDIS_URL", "http://store"),
        ("REDIS_URL", "store:6379"),
        ("BROKER_URL", "amqp://x"),
    ],
)
def test_error_names_an_address_that_cannot_be_used_before_anything_starts(
    tmp_path: Path, variable: str, value: str
) -> None:
    with pytest.raises(SettingsError, match=variable):
        read(tmp_path, **{variable: value})


def test_error_asks_for_the_proxies_when_one_is_to_be_believed(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="TRUSTED_PROXIES"):
        read(tmp_path, ACCESS="proxy", SECRET_KEY=SECRET)


def test_secret_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    first = read(tmp_path).secret_key
    assert read(tmp_path).secret_key == first
    assert len(first) == 64
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_address_that_others_reach_is_taken_when_each_has_an_identity(tmp_path: Path) -> None:
    assert read(tmp_path, HOST="0.0.0.0", ACCESS="anonymous", SECRET_KEY=SECRET).host == "0.0.0.0"


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("example.com", False)],
)
def test_loopback_is_what_only_this_machine_reaches(host: str, own: bool) -> None:
    assert is_loopback(host) is own


def test_store_of_the_user_is_used_when_it_is_named(tmp_path: Path) -> None:
    settings = read(tmp_path, REDIS_URL="redis://store:6379/1")
    assert (settings.redis_url, settings.broker_url) == ("redis://store:6379/1", "redis://store:6379/1")
    assert not settings.redis_embedded


def test_broker_can_be_elsewhere_than_the_store(tmp_path: Path) -> None:
    assert read(tmp_path, BROKER_URL="sentinel://one:26379").broker_url == "sentinel://one:26379"


def test_broker_url_of_a_unix_socket_is_in_kombus_spelling() -> None:
    assert celery_broker_url("unix:///run/valkey.sock") == "redis+socket:///run/valkey.sock?virtual_host=0"
    assert celery_broker_url("unix:///run/valkey.sock?db=3") == "redis+socket:///run/valkey.sock?virtual_host=3"


def test_socket_moves_to_the_temporary_folder_when_its_path_would_be_too_long(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    assert embedded_socket_path(Path("/data")) == Path("/data/valkey.sock")
    assert len(str(embedded_socket_path(deep))) < 100
    assert embedded_socket_path(deep) != embedded_socket_path(tmp_path / ("y" * 120))


@pytest.mark.parametrize(("text", "rate"), [("5/m", 5), ("2/s", 120), ("120/h", 2), ("5", 300), (" 1.5 / m ", 1.5)])
def test_rate_is_read_as_celery_reads_it(text: str, rate: float) -> None:
    assert per_minute(text) == rate


def test_rate_limits_are_by_kind(tmp_path: Path) -> None:
    limits = read(tmp_path, RATE_LIMIT_ANALYSIS="5/m", RATE_LIMIT_CHAT="10/m").rate_limits
    assert limits == {TaskKind.ANALYSIS: 5, TaskKind.CHAT: 10}


@pytest.mark.parametrize("variable", ["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"])
def test_engine_is_claude_when_there_is_a_key_or_a_gateway(tmp_path: Path, variable: str) -> None:
    assert read(tmp_path, **{variable: "something"}).engine == "claude"


@pytest.mark.parametrize("variable", ["DAILY_COST_LIMIT_USD", "OWNER_DAILY_COST_LIMIT_USD"])
@pytest.mark.parametrize("models", [{"CLAUDE_MODEL": "unheard-of"}, {"CLAUDE_FALLBACK_MODELS": "unheard-of"}])
def test_error_names_the_model_when_a_cost_limit_cannot_be_held(
    tmp_path: Path, variable: str, models: dict[str, str]
) -> None:
    with pytest.raises(SettingsError, match="unheard-of"):
        read(tmp_path, ANTHROPIC_API_KEY="k", **models, **{variable: "5"})
    assert read(tmp_path, **models, **{variable: "5"}).engine == "checker", "the checker costs nothing"
    assert read(tmp_path, ANTHROPIC_API_KEY="k", **models)


def test_fallback_models_are_a_list(tmp_path: Path) -> None:
    assert read(tmp_path, CLAUDE_FALLBACK_MODELS="one, two,").claude_fallback_models == ("one", "two")


def test_time_factor_scales_leases_but_not_how_long_things_are_kept(tmp_path: Path) -> None:
    timing = read(tmp_path, GALLEY_TIME_FACTOR="0.1", RETENTION_DAYS="2").timing
    assert (timing.lease_ms, timing.claim_ms, timing.sweep_ms) == (3000, 1000, 500)
    assert timing.retention_ms == 2 * 86_400_000
