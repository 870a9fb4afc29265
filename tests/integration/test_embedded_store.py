"""The embedded Valkey: it answers, it keeps what it acknowledged, and one instance owns it."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from processes import BIN, WAIT_S, Running, wait_until

from server.supervisor import embedded
from server.supervisor.embedded import valkey_command, wait_for_store
from server.supervisor.preflight import StartRefused, check_port, held_port, locked_data_dir
from tasks.settings import embedded_socket_path

_IP_LOCAL_PORT_RANGE = 51
"""Of Linux 6.3 and later; Python has no name for it."""


@contextmanager
def store_in(data_dir: Path) -> Iterator[tuple[Running, redis.Redis]]:
    data_dir.mkdir(exist_ok=True)
    socket_path = embedded_socket_path(data_dir)
    with Running(valkey_command(data_dir, socket_path)) as server:
        server.wait_for_line("Ready to accept connections")
        with redis.Redis(unix_socket_path=str(socket_path), decode_responses=True) as client:
            yield server, client


async def test_store_answers_when_the_wait_for_it_ends(data_dir: Path) -> None:
    data_dir.mkdir()
    socket_path = embedded_socket_path(data_dir)
    waiting = asyncio.create_task(wait_for_store(socket_path))
    with Running(valkey_command(data_dir, socket_path)):
        await asyncio.wait_for(waiting, WAIT_S)
        with redis.Redis(unix_socket_path=str(socket_path)) as client:
            assert client.ping()


def test_store_is_reachable_through_its_socket_only_and_by_its_owner_only(data_dir: Path) -> None:
    with store_in(data_dir) as (_, client):
        assert client.config_get("port") == {"port": "0"}
        assert stat.S_IMODE(embedded_socket_path(data_dir).stat().st_mode) == 0o700


def test_store_syncs_before_it_answers_and_never_evicts(data_dir: Path) -> None:
    with store_in(data_dir) as (_, client):
        asked = client.config_get("appendonly", "appendfsync", "maxmemory-policy", "save")
    assert asked == {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction", "save": ""}


def test_store_has_every_acknowledged_write_when_it_was_killed(data_dir: Path) -> None:
    with store_in(data_dir) as (server, client):
        for number in range(500):
            client.rpush("acknowledged", number)
        server.process.kill()
    with store_in(data_dir) as (_, client):
        assert client.llen("acknowledged") == 500


def test_data_dir_is_refused_to_a_second_instance_with_the_holder_and_the_next_step(data_dir: Path) -> None:
    with locked_data_dir(data_dir), pytest.raises(StartRefused) as refused, locked_data_dir(data_dir):
        pass
    assert f"process {os.getpid()}" in str(refused.value)
    assert "DATA_DIR=" in str(refused.value)


def test_data_dir_is_free_again_when_its_instance_has_stopped(data_dir: Path) -> None:
    with locked_data_dir(data_dir):
        pass
    with locked_data_dir(data_dir):
        pass


def test_data_dir_stays_locked_as_long_as_a_store_that_inherited_the_lock_lives(data_dir: Path) -> None:
    holder = (
        "import os, sys; from pathlib import Path; from server.supervisor.preflight import locked_data_dir\n"
        "with locked_data_dir(Path(sys.argv[1])) as lock:\n"
        "    os.set_inheritable(lock, True)\n"
        "    store = os.spawnvp(os.P_NOWAIT, 'sleep', ['sleep', '600'])\n"
        "    print('store', store, flush=True)\n"
        "    os._exit(0)\n"
    )
    with Running([BIN / "python", "-c", holder, data_dir]) as supervisor:
        store = int(supervisor.wait_for_line(r"^store (\d+)")[1])
        supervisor.process.wait()
        try:
            with pytest.raises(StartRefused), locked_data_dir(data_dir):
                pass
        finally:
            os.kill(store, 9)
    wait_until(lambda: _can_be_locked(data_dir), "the lock is free")


def _can_be_locked(data_dir: Path) -> bool:
    try:
        with locked_data_dir(data_dir):
            return True
    except StartRefused:
        return False


def test_data_dir_is_refused_with_the_variable_when_it_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartRefused, match="DATA_DIR="), locked_data_dir(tmp_path / "file" / "data"):
        pass


def test_platform_without_a_binary_is_told_to_bring_its_own_store(
    monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    monkeypatch.setattr(embedded, "get_binary_path", None)
    with pytest.raises(StartRefused, match="REDIS_URL"):
        valkey_command(data_dir, data_dir / "s")


def test_port_in_use_is_refused_with_the_next_step() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartRefused, match=f"Port {port} .* is in use.*PORT={port + 1}"):
            check_port("127.0.0.1", port)


def test_held_port_can_be_listened_on_again_after_its_server_has_gone() -> None:
    with held_port("127.0.0.1") as port:
        for _ in range(2):
            check_port("127.0.0.1", port)
            with socket.create_server(("127.0.0.1", port)) as ours, socket.create_connection(("127.0.0.1", port)):
                ours.accept()[0].close()  # by us first, so that the connection lingers


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a server listen beside the socket that holds")
def test_held_port_is_given_to_nobody_else() -> None:
    with socket.create_server(("127.0.0.1", 0)) as far_end:
        with held_port("127.0.0.1") as port:
            with _given_only(port) as going_out, pytest.raises(OSError, match="Cannot assign"):
                going_out.connect(far_end.getsockname())
            with _given_only(port) as another, pytest.raises(OSError, match="in use"):
                another.bind(("127.0.0.1", 0))
        with _given_only(port) as going_out:
            going_out.connect(far_end.getsockname())
            assert going_out.getsockname()[1] == port, "one that nobody holds is given away"


@contextmanager
def _given_only(port: int) -> Iterator[socket.socket]:
    """A socket to which the system can give only this number."""
    with socket.socket() as restricted:
        restricted.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        restricted.setsockopt(socket.IPPROTO_IP, _IP_LOCAL_PORT_RANGE, struct.pack("@I", port << 16 | port))
        yield restricted
