"""The commands as people and containers call them: real processes, from `make run` to the last exit."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from processes import BIN, ROOT, WAIT_S, Running, command_of, descendants, own_port, wait_until

TEXT = (
    "# Plan\n\nWe recieved alot of answers. This are the results.\n\n"
    "# Shares\n\nOf all people, 60 % agreed, 30 % disagreed and 20 % said nothing, see Table 7.\n"
)
LIMIT_S = 4 * WAIT_S
READY = r"^Galley is ready at (http://\S+)$"


def clean(data_dir: Path, **more: str) -> dict[str, str]:
    """An environment that owes nothing to the one in which the tests run."""
    ours = ("REDIS_URL", "BROKER_URL", "USE_CELERY", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "ACCESS", "HOST")
    makes = ("MAKEFLAGS", "MAKELEVEL", "ARGS")  # `make test ARGS=...` hands its own down
    port = str(own_port())
    return {**dict.fromkeys((*ours, *makes), ""), "DATA_DIR": str(data_dir), "PORT": port, **more}


def call(*words: str | Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    argv = [str(word) for word in words]
    return subprocess.run(
        argv, env={**os.environ, **env}, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )


def workers_of(pid: int) -> list[int]:
    """The worker processes, found as people look for them."""
    return [child for child, command in descendants(pid).items() if "celery -A celery_config worker" in command]


@dataclass(frozen=True, slots=True)
class Galley:
    running: Running
    url: str
    env: dict[str, str]


@pytest.fixture(scope="module")
def galley(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Galley]:
    """The whole product, started as `make run` starts it."""
    env = clean(tmp_path_factory.mktemp("galley") / "data")
    with Running([BIN / "galley", "run"], env) as running:
        yield Galley(running, running.wait_for_line(READY)[1], env)


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.md"
    path.write_text(TEXT)
    return path


def test_run_says_where_it_answers_and_two_celery_workers_are_to_be_seen(galley: Galley) -> None:
    assert galley.url == f"http://127.0.0.1:{galley.env['PORT']}"
    assert httpx.get(f"{galley.url}/readyz").json()["ready"] is True
    wait_until(lambda: httpx.get(f"{galley.url}/queue_stats").json()["workers"] == 2, "both workers are seen")
    assert len(workers_of(galley.running.pid)) == 2


def test_run_is_refused_on_a_data_dir_that_is_in_use(galley: Galley) -> None:
    second = call(BIN / "galley", "run", env={**galley.env, "PORT": str(own_port())})
    assert second.returncode == 1
    assert f"is in use by another Galley (process {galley.running.pid})" in second.stderr
    assert "Traceback" not in second.stderr


def test_run_is_refused_on_a_port_that_is_in_use_with_the_next_step(galley: Galley, data_dir: Path) -> None:
    port = galley.env["PORT"]
    second = call(BIN / "galley", "run", env={**galley.env, "DATA_DIR": str(data_dir)})
    assert second.returncode == 1
    assert f"Port {port} on 127.0.0.1 is in use" in second.stderr
    assert f"PORT={int(port) + 1} make run" in second.stderr


def test_run_is_refused_with_the_variable_when_a_setting_cannot_be_used(data_dir: Path) -> None:
    refused = call(BIN / "galley", "run", env=clean(data_dir, WORKER_CONCURRENCY="many"))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "galley: WORKER_CONCURRENCY=many is not a number\n"


def test_review_prints_findings_of_a_running_server_and_its_status_follows_their_severity(
    galley: Galley, plan: Path
) -> None:
    asked = ("review", plan, "--server", galley.url)
    done = call(BIN / "galley", *asked, "--watch", env=galley.env)
    assert done.returncode == 0, done.stderr
    assert "2 of 2 sections reviewed" in done.stdout
    assert "100 % Done" in done.stderr
    assert call(BIN / "galley", *asked, "--fail-on", "info", env=galley.env).returncode == 1


def test_review_says_what_to_do_when_no_server_is_there(plan: Path, data_dir: Path) -> None:
    server = f"http://127.0.0.1:{own_port()}"
    failed = call(BIN / "galley", "review", plan, "--server", server, env=clean(data_dir))
    assert failed.returncode == 1
    assert "Is the server running?" in failed.stderr


def test_key_that_is_created_opens_the_server(galley: Galley) -> None:
    made = call(BIN / "galley", "keys", "create", "robot", env=galley.env)
    key = made.stdout.strip()
    assert made.returncode == 0, made.stderr
    answer = httpx.get(f"{galley.url}/tasks", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200
    assert call(BIN / "galley", "dead", "list", "--server", galley.url, "--token", key, env=galley.env).returncode == 0


def test_worker_that_is_killed_is_started_again(galley: Galley) -> None:
    killed = workers_of(galley.running.pid)[0]
    os.kill(killed, signal.SIGKILL)
    galley.running.wait_for_line(r"worker-\d was ended by SIGKILL; starting it again")
    wait_until(
        lambda: len(set(workers_of(galley.running.pid)) - {killed}) == 2,
        "two workers run again, and not the killed one",
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_run_stops_everything_in_order_and_leaves_no_process(data_dir: Path, number: signal.Signals) -> None:
    with Running([BIN / "galley", "run"], clean(data_dir)) as running:
        running.wait_for_line(READY)
        started = descendants(running.pid)
        assert len(started) >= 4
        assert running.stop(number) == 0
    wait_until(lambda: not any(command_of(pid) for pid in started), "all that was started has ended")
    assert "did not stop in time" not in running.output
    assert "starting it again" not in running.output


def test_run_leaves_no_process_when_it_is_killed(data_dir: Path) -> None:
    with Running([BIN / "galley", "run"], clean(data_dir)) as running:
        running.wait_for_line(READY)
        started = descendants(running.pid)
        running.process.kill()
        wait_until(lambda: not any(command_of(pid) for pid in started), "all that was started has ended")


def test_run_stops_when_the_make_that_started_it_is_killed(data_dir: Path) -> None:
    with Running(["make", "run"], clean(data_dir)) as make:
        make.wait_for_line(READY)
        started = descendants(make.pid)
        make.process.kill()
        wait_until(lambda: not any(command_of(pid) for pid in started), "all that was started has ended")


def test_run_without_celery_needs_no_store_and_no_worker(data_dir: Path) -> None:
    with Running([BIN / "galley", "run"], clean(data_dir, USE_CELERY="false")) as running:
        url = running.wait_for_line(READY)[1]
        assert httpx.get(f"{url}/queue_stats").json()["mode"] != "celery"
        assert list(descendants(running.pid).values()) != []
        assert workers_of(running.pid) == []


def test_make_run_once_prints_one_json_value_and_nothing_else(plan: Path, data_dir: Path) -> None:
    done = call("make", "run", f"ARGS=--once {plan} --json", env=clean(data_dir))
    assert done.returncode == 0, done.stderr
    value = json.loads(done.stdout)
    assert value["document"]["name"] == "plan.md"
    assert [section["title"] for section in value["sections"]] == ["Plan", "Shares"]
    assert {section["state"] for section in value["sections"]} == {"SUCCESS"}
    assert any(section["findings"] for section in value["sections"])
    assert "Plan: 100 % Done" in done.stderr


def test_run_once_prints_findings_by_section_and_leaves_nothing_behind(plan: Path, data_dir: Path) -> None:
    temporary = data_dir.parent / "tmp"
    temporary.mkdir()
    done = call(BIN / "galley", "run", "--once", plan, env=clean(data_dir, TMPDIR=str(temporary)))
    assert done.returncode == 0, done.stderr
    assert "\nPlan\n" in done.stdout
    assert not data_dir.exists()
    assert list(temporary.iterdir()) == []


def test_run_once_fails_with_the_servers_words_when_the_file_cannot_be_read(tmp_path: Path, data_dir: Path) -> None:
    broken = tmp_path / "broken.docx"
    broken.write_bytes(b"PK\x03\x04 this is no Word file")
    done = call(BIN / "galley", "run", "--once", broken, "--json", env=clean(data_dir))
    assert (done.returncode, done.stdout) == (1, "")
    assert "galley: The server refused:" in done.stderr
    assert "Traceback" not in done.stderr


def test_container_roles_share_a_store(redis_url: str, data_dir: Path, plan: Path) -> None:
    secret = "a secret of enough characters"
    more = {"REDIS_URL": redis_url, "ACCESS": "anonymous", "SECRET_KEY": secret, "HOST": "127.0.0.1"}
    env = clean(data_dir, PATH=f"{BIN}:{os.environ['PATH']}", **more)
    url = f"http://127.0.0.1:{env['PORT']}"
    entry = ROOT / "deploy" / "entrypoint.sh"
    with Running([entry, "server"], env), Running([entry, "worker", "--concurrency", "2"], env) as worker:
        key = call(entry, "galley", "keys", "create", "robot", env=env).stdout.strip()
        wait_until(lambda: _workers_seen(url, key) == 1, "the server sees the worker")
        assert "celery -A celery_config worker" in command_of(worker.pid)
        done = call(BIN / "galley", "review", plan, "--server", url, "--token", key, env=env)
    assert done.returncode == 0, done.stderr


def _workers_seen(url: str, key: str) -> int | None:
    try:
        answer = httpx.get(f"{url}/queue_stats", headers={"Authorization": f"Bearer {key}"})
    except httpx.TransportError:
        return None  # not listening yet
    return int(answer.json()["workers"]) if answer.is_success else None


def test_container_with_everything_in_it_gets_ready_and_stops(data_dir: Path) -> None:
    env = clean(data_dir, PATH=f"{BIN}:{os.environ['PATH']}", ACCESS="anonymous", SECRET_KEY="x" * 32, HOST="0.0.0.0")
    with Running([ROOT / "deploy" / "entrypoint.sh"], env) as running:
        url = running.wait_for_line(READY)[1]
        assert httpx.get(f"{url}/healthz").is_success
        assert running.stop() == 0


@pytest.mark.parametrize("role", ["server", "worker"])
def test_container_role_that_shares_a_store_asks_for_it(role: str, data_dir: Path) -> None:
    refused = call(ROOT / "deploy" / "entrypoint.sh", role, env=clean(data_dir))
    assert refused.returncode == 64
    assert "set REDIS_URL" in refused.stderr


def test_container_open_to_others_asks_for_a_secret(data_dir: Path) -> None:
    env = clean(data_dir, PATH=f"{BIN}:{os.environ['PATH']}", ACCESS="anonymous", SECRET_KEY="")
    refused = call(ROOT / "deploy" / "entrypoint.sh", env=env)
    assert refused.returncode == 1
    assert "SECRET_KEY" in refused.stderr


def test_make_names_what_is_missing_when_python_is_too_old(tmp_path: Path) -> None:
    old = tmp_path / "old-python"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && { echo Python 3.9.2; exit 0; }\nexit 1\n')
    old.chmod(0o755)
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("pyproject.toml", "uv.lock"):
        (tmp_path / name).touch()
    refused = call("make", "-C", tmp_path, f"PYTHON={old}", "setup", env={"PATH": "/usr/bin:/bin"})
    assert refused.returncode != 0
    assert "Galley needs Python 3.11 or newer" in refused.stderr
    assert "3.9.2" in refused.stderr
