"""An uploaded file is opened again for an export in a process that can be lost: what it costs, it costs there."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tasks.contract.errors import UnreadableDocument
from tasks.documents import child_process
from tasks.documents.export_process import run_export
from tests.corpus.commented import comments_of, document_of, remark
from tests.samples.hostile import docx_of, entity_bomb, paragraph

WORDS = docx_of(paragraph("Some words."))


async def test_export_comes_back_from_its_process() -> None:
    document = document_of(WORDS)

    made = await run_export("docx", WORDS, document, [remark(document, "words")])

    assert list(comments_of(made.data)) == ["1"]


async def test_export_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "MAX_WALL_S", 0.0)
    monkeypatch.setattr(child_process, "STARVED_WALL_S", 0.0)
    document = document_of(WORDS)

    with pytest.raises(UnreadableDocument) as refused:
        await run_export("docx", WORDS, document, [remark(document, "words")])

    assert refused.value.data["reason"] == "hostile"


async def test_export_of_a_file_that_became_hostile_is_refused_with_its_reason() -> None:
    document = document_of(WORDS)

    with pytest.raises(UnreadableDocument) as refused:
        await run_export("docx", entity_bomb(), document, [remark(document, "words")])

    assert refused.value.data["reason"] == "hostile"


def test_server_opens_no_uploaded_file_itself() -> None:
    """Neither for reading nor for an export: it does not even load what could."""
    program = "import sys, server.app; print({'lxml', 'pypdfium2', 'markdown_it'} & sys.modules.keys())"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout

    assert loaded.strip().splitlines()[-1] == "set()"
