"""Uploads are kept as files, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tasks.documents.originals import original_path, remove_original, store_original


def test_original_is_found_again_under_the_name_it_was_given(tmp_path: Path) -> None:
    folder = tmp_path / "originals"

    name = store_original(folder, "d_1", "Report.DOCX", b"content")

    assert name == "d_1.docx"
    assert original_path(folder, name).read_bytes() == b"content"
    assert [path.name for path in folder.iterdir()] == ["d_1.docx"]


def test_removal_is_harmless_when_repeated(tmp_path: Path) -> None:
    name = store_original(tmp_path, "d_1", "a.md", b"x")

    remove_original(tmp_path, name)
    remove_original(tmp_path, name)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("document_id", ["../up", "a/b", "", ".hidden", "a.b"])
def test_id_that_could_leave_the_folder_is_refused(tmp_path: Path, document_id: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        store_original(tmp_path, document_id, "a.md", b"x")


def test_nothing_is_left_behind_when_the_rename_fails(tmp_path: Path) -> None:
    (tmp_path / "d_1.md").mkdir()

    with pytest.raises(OSError, match="directory"):
        store_original(tmp_path, "d_1", "a.md", b"x")

    assert os.listdir(tmp_path) == ["d_1.md"]
