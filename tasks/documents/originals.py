"""Uploaded files as they came, kept as files beside the store: an export writes into a copy of them.

These functions block on the disk; call them through ``asyncio.to_thread``.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from pathlib import Path

from tasks.documents.kinds import format_of

_SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")


def store_original(directory: Path, document_id: str, filename: str, data: bytes) -> str:
    """Keep an upload; answers the name under which `original_path` finds it.

    Written beside and renamed, both synced to disk: after a crash the file is there whole or not at all.

    Raises:
        UnsupportedFormat: the name has an ending that cannot be read.
        ValueError: the id could mean another place on the disk.
        OSError: the disk is full or may not be written.
    """
    name = f"{document_id}.{format_of(filename)}"
    target = original_path(directory, name)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = _write_beside(directory, data)
    try:
        written.replace(target)
    except OSError:
        written.unlink(missing_ok=True)
        raise
    _sync_directory(directory)
    return name


def remove_original(directory: Path, name: str) -> None:
    """Delete a kept upload; one that is already gone is no error.

    Raises:
        ValueError: not a name that `store_original` gives.
        OSError: the disk may not be written.
    """
    original_path(directory, name).unlink(missing_ok=True)
    with contextlib.suppress(FileNotFoundError):
        _sync_directory(directory)


def original_path(directory: Path, name: str) -> Path:
    """Where a kept upload lies.

    Raises:
        ValueError: not a name that `store_original` gives.
    """
    document_id, dot, ending = name.rpartition(".")
    if not dot or not ending.isalnum() or not _SAFE_ID.fullmatch(document_id):
        raise ValueError("not the name of a kept original")
    return directory / name


def _write_beside(directory: Path, data: bytes) -> Path:
    with tempfile.NamedTemporaryFile(dir=directory, prefix=".new-", delete=False) as file:
        path = Path(file.name)
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            path.unlink()
            raise
    return path


def _sync_directory(directory: Path) -> None:
    """Make a rename or a deletion last: a new name is data of its directory."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
