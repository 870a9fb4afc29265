"""One frozen `Settings`, read from the environment and checked once, at start."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, cast, get_args
from urllib.parse import urlsplit

from tasks.contract.names import TaskKind
from tasks.contract.timing import Timing
from tasks.logs import LogFormat
from tasks.models import terms_of

Access = Literal["local", "anonymous", "proxy"]

_RATE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(?:/\s*([smh]))?\s*$")
_PER_MINUTE: Final = {"s": 60.0, "m": 1.0, "h": 1 / 60, None: 60.0}
_BROKERS: Final = ("redis", "rediss", "unix", "redis+socket", "sentinel")
_SOCKET_PATH_MAX: Final = 100  # a Unix socket's path is bounded at 104 (macOS) or 108 (Linux) bytes


class SettingsError(ValueError):
    """A variable of the environment that cannot be used. The message names it and what it takes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting. ``docs/settings.md`` documents each; a test holds the two together."""

    host: str
    port: int
    use_celery: bool
    redis_url: str
    redis_embedded: bool
    broker_url: str
    data_dir: Path
    anthropic_api_key: str | None
    anthropic_base_url: str | None
    claude_model: str
    claude_fallback_models: tuple[str, ...]
    rate_limits: dict[TaskKind, float]
    claude_rpm: float
    claude_input_tpm: float
    claude_output_tpm: float
    claude_concurrency: int
    worker_concurrency: int
    access: Access
    secret_key: str
    trusted_user_header: str
    trusted_proxies: tuple[str, ...]
    daily_cost_limit_usd: float | None
    owner_daily_cost_limit_usd: float | None
    retention_days: float
    frameworks_dir: Path | None
    log_format: LogFormat
    time_factor: float

    @property
    def timing(self) -> Timing:
        """All waits, scaled by ``GALLEY_TIME_FACTOR``."""
        base, f = Timing(), self.time_factor
        return Timing(
            claim_ms=int(base.claim_ms * f),
            lease_ms=int(base.lease_ms * f),
            sweep_ms=int(base.sweep_ms * f),
            store_away_ms=int(base.store_away_ms * f),
            announce_ms=int(base.announce_ms * f),
            warm_ms=int(base.warm_ms * f),
            cache_ms=base.cache_ms,
            tick_ms=int(base.tick_ms * f),
            log_kept_ms=base.log_kept_ms,
            retention_ms=int(self.retention_days * 86_400_000),
            idempotency_ms=base.idempotency_ms,
        )

    @property
    def engine(self) -> Literal["claude", "checker"]:
        """Which engine this process would run."""
        return "claude" if self.anthropic_api_key or self.anthropic_base_url else "checker"

    @property
    def has_cost_limit(self) -> bool:
        """Whether what calls may cost in a day is bounded."""
        return self.daily_cost_limit_usd is not None or self.owner_daily_cost_limit_usd is not None

    @property
    def originals_dir(self) -> Path:
        """Where uploaded files are kept."""
        return self.data_dir / "originals"


def per_minute(text: str) -> float:
    """``5/m``, ``2/s``, ``100/h`` or ``5`` (a second, as in Celery) as starts per minute.

    Raises:
        ValueError: of another form, or not above zero.
    """
    match = _RATE.match(text)
    rate = float(match[1]) * _PER_MINUTE[match[2]] if match else 0.0
    if rate <= 0:
        raise ValueError(f"{text!r} is no rate; write it like 5/m, 2/s or 100/h")
    return rate


def embedded_socket_path(data_dir: Path) -> Path:
    """Where the embedded store of a data folder listens: inside it, or, when that path is too long
    for a Unix socket, in the temporary folder under a name made from it."""
    inside = data_dir / "valkey.sock"
    if len(os.fsencode(inside)) <= _SOCKET_PATH_MAX:
        return inside
    digest = hashlib.sha256(os.fsencode(inside)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"galley-{digest}.sock"


def celery_broker_url(url: str) -> str:
    """The same store in kombu's spelling: ``unix://path?db=0`` is ``redis+socket://`` there."""
    if not url.startswith("unix://"):
        return url
    parts = urlsplit(url)
    database = re.search(r"(?:^|&)db=(\d+)", parts.query)
    return f"redis+socket://{parts.path}?virtual_host={database[1] if database else 0}"


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process.

    Raises:
        SettingsError: a variable cannot be used.
    """
    env = os.environ if environ is None else environ
    read = _Reader(env)
    data_dir = Path(env.get("DATA_DIR") or ".galley").absolute()
    given_url = read.address("REDIS_URL", ("redis", "rediss", "unix"))
    redis_url = given_url or f"unix://{embedded_socket_path(data_dir)}"
    access = read.choice("ACCESS", "local", ("local", "anonymous", "proxy"))
    host = env.get("HOST") or "127.0.0.1"
    if access == "local" and not is_loopback(host):
        raise SettingsError(
            f"HOST={host} can be reached by others, and ACCESS=local trusts everyone who reaches it. "
            "Set ACCESS=anonymous (each browser its own identity), ACCESS=proxy, or HOST=127.0.0.1."
        )
    proxies = read.networks("TRUSTED_PROXIES")
    if access == "proxy" and not proxies:
        raise SettingsError("ACCESS=proxy needs TRUSTED_PROXIES, the addresses of the reverse proxies, like 10.0.0.5")
    settings = Settings(
        host=host,
        port=int(read.number("PORT", 8000, 0, 65535)),
        use_celery=read.flag("USE_CELERY", True),
        redis_url=redis_url,
        redis_embedded=given_url is None,
        broker_url=celery_broker_url(read.address("BROKER_URL", _BROKERS) or redis_url),
        data_dir=data_dir,
        anthropic_api_key=env.get("ANTHROPIC_API_KEY") or None,
        anthropic_base_url=env.get("ANTHROPIC_BASE_URL") or None,
        claude_model=env.get("CLAUDE_MODEL") or DEFAULT_MODEL,
        claude_fallback_models=tuple(m.strip() for m in env.get("CLAUDE_FALLBACK_MODELS", "").split(",") if m.strip()),
        rate_limits=read.rates(),
        claude_rpm=read.number("CLAUDE_RPM", 0, 0, 1e9),
        claude_input_tpm=read.number("CLAUDE_INPUT_TPM", 0, 0, 1e12),
        claude_output_tpm=read.number("CLAUDE_OUTPUT_TPM", 0, 0, 1e12),
        claude_concurrency=int(read.number("CLAUDE_CONCURRENCY", 0, 0, 1e6)),
        worker_concurrency=int(read.number("WORKER_CONCURRENCY", 16, 1, 1000)),
        access=access,
        secret_key=_secret_key(env, access, data_dir),
        trusted_user_header=env.get("TRUSTED_USER_HEADER") or "X-Forwarded-User",
        trusted_proxies=proxies,
        daily_cost_limit_usd=read.optional_number("DAILY_COST_LIMIT_USD"),
        owner_daily_cost_limit_usd=read.optional_number("OWNER_DAILY_COST_LIMIT_USD"),
        retention_days=read.number("RETENTION_DAYS", 30, 1 / 86_400, 36_500),
        frameworks_dir=Path(env["FRAMEWORKS_DIR"]).absolute() if env.get("FRAMEWORKS_DIR") else None,
        log_format=read.log_format(),
        time_factor=read.number("GALLEY_TIME_FACTOR", 1, 0.01, 100),
    )
    _check_prices(settings)
    return settings


def _check_prices(settings: Settings) -> None:
    """A limit on what nobody can count would be silently ignored, which is worse than none."""
    if settings.engine != "claude" or not settings.has_cost_limit:
        return
    for variable, models in (
        ("CLAUDE_MODEL", (settings.claude_model,)),
        ("CLAUDE_FALLBACK_MODELS", settings.claude_fallback_models),
    ):
        unpriced = [model for model in models if terms_of(model).price is None]
        if unpriced:
            raise SettingsError(
                f"{variable}: the price of {unpriced[0]} is not known, so no cost limit can be held. Name a model of "
                "tasks/models.json, add its price there, or unset DAILY_COST_LIMIT_USD and OWNER_DAILY_COST_LIMIT_USD."
            )


DEFAULT_MODEL: Final = "claude-sonnet-5-5"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _secret_key(env: Mapping[str, str], access: Access, data_dir: Path) -> str:
    given = env.get("SECRET_KEY")
    if given:
        if len(given) < 16:
            raise SettingsError(
                "SECRET_KEY is too short; use at least 16 characters, like the output of: openssl rand -hex 32"
            )
        return given
    if access != "local":
        raise SettingsError(f"ACCESS={access} needs SECRET_KEY, like the output of: openssl rand -hex 32")
    path = data_dir / "secret_key"
    try:
        return path.read_text()
    except FileNotFoundError:
        return _new_secret_key(path)


def _new_secret_key(path: Path) -> str:
    """Written beside and linked into place, so that of two processes that start at once one key wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first; its key is read below
    finally:
        draft.unlink()
    return path.read_text()


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one variable at a time and names it when it cannot be used."""

    env: Mapping[str, str]

    def flag(self, name: str, default: bool) -> bool:
        text = (self.env.get(name) or "").strip().lower()
        if text in ("", "1", "true", "yes", "on"):
            return default if text == "" else True
        if text in ("0", "false", "no", "off"):
            return False
        raise SettingsError(f"{name}={text} is not understood; use true or false")

    def choice(self, name: str, default: Access, choices: tuple[Access, ...]) -> Access:
        text = self.env.get(name) or default
        for choice in choices:
            if text == choice:
                return choice
        raise SettingsError(f"{name}={text} is not known; use one of {', '.join(choices)}")

    def log_format(self) -> LogFormat:
        text = self.env.get("LOG_FORMAT") or "auto"
        for choice in get_args(LogFormat):
            if text == choice:
                return cast(LogFormat, choice)
        raise SettingsError(f"LOG_FORMAT={text} is not known; use one of {', '.join(get_args(LogFormat))}")

    def address(self, name: str, schemes: tuple[str, ...]) -> str | None:
        given = self.env.get(name) or None
        if given is not None and given.partition("://")[0] not in schemes:
            raise SettingsError(f"{name} is no address of that kind; begin it with {', '.join(schemes)} and ://")
        return given

    def networks(self, name: str) -> tuple[str, ...]:
        given = tuple(part.strip() for part in self.env.get(name, "").split(",") if part.strip())
        try:
            [ipaddress.ip_network(part, strict=False) for part in given]
        except ValueError as error:
            raise SettingsError(f"{name}: {error}; write it like 10.0.0.5,10.1.0.0/16") from None
        return given

    def number(self, name: str, default: float, least: float, most: float) -> float:
        text = self.env.get(name) or ""
        try:
            value = float(text) if text else default
        except ValueError:
            raise SettingsError(f"{name}={text} is not a number") from None
        if not least <= value <= most:
            raise SettingsError(f"{name}={text} is out of range; use {least:g} to {most:g}")
        return value

    def optional_number(self, name: str) -> float | None:
        return self.number(name, 0, 0, 1e9) if self.env.get(name) else None

    def rates(self) -> dict[TaskKind, float]:
        found: dict[TaskKind, float] = {}
        for kind in TaskKind:
            name = f"RATE_LIMIT_{kind.name}"
            if text := self.env.get(name):
                try:
                    found[kind] = per_minute(text)
                except ValueError as error:
                    raise SettingsError(f"{name}: {error}") from None
        return found
