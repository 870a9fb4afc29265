"""Files from people who mean harm, or whose disk did: each is refused, clearly.

They run through the real child process, because that is what must hold. Those that exhaust it are in
`test_hostile_http`; how soon is measured by ``make quality``.
"""

from __future__ import annotations

import asyncio
import io
import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.contract.errors import GalleyError, TooLarge, UnreadableDocument, UnsupportedFormat
from tasks.contract.submissions import MAX_DOCUMENT_BYTES
from tasks.documents import child_process, parser_process
from tasks.documents.reader import read_document
from tests.samples import hostile
from tests.samples.hostile import docx_of, paragraph

SECRET = "the server's secret"


async def refusal_of(data: bytes, name: str) -> GalleyError:
    """The error that a file is refused with, in words a person can use."""
    with pytest.raises(GalleyError) as refused:
        await read_document(data, name)
    assert re.fullmatch(r"[A-Z].{20,}\.", refused.value.detail)
    return refused.value


@pytest.mark.parametrize(
    ("make", "name", "reason"),
    [
        (hostile.zip_bomb, "a.docx", "hostile"),
        (hostile.lying_zip_bomb, "a.docx", "hostile"),
        (hostile.overlapping_zip, "a.docx", "hostile"),
        (hostile.entity_bomb, "a.docx", "hostile"),
        (hostile.entity_bomb_in_utf16, "a.docx", "hostile"),
        (hostile.macro_docx, "a.docx", "hostile"),
        (hostile.climbing_docx, "a.docx", "hostile"),
        (hostile.crowded_docx, "a.docx", "hostile"),
        (hostile.truncated_docx, "a.docx", "broken"),
        (hostile.damaged_docx, "a.docx", "broken"),
        (hostile.deep_docx, "a.docx", "broken"),
        (hostile.truncated_pdf, "a.pdf", "broken"),
        (hostile.encrypted_pdf, "a.pdf", "encrypted"),
        (hostile.scanned_pdf, "a.pdf", "scanned"),
        (lambda: b"", "a.docx", "empty"),
        (lambda: b" \n\t\n", "a.md", "empty"),
        (lambda: docx_of(paragraph(" ")), "a.docx", "empty"),
        (lambda: b"text\0text", "a.txt", "encoding"),
    ],
)
async def test_file_is_refused_with_its_reason(make: Callable[[], bytes], name: str, reason: str) -> None:
    refusal = await refusal_of(make(), name)

    assert isinstance(refusal, UnreadableDocument)
    assert refusal.data["reason"] == reason


def test_bombs_are_real_when_nothing_holds_them_back() -> None:
    """The negative control: what is refused above unpacks to hundreds of times its weight."""
    with zipfile.ZipFile(io.BytesIO(hostile.zip_bomb())) as archive, archive.open("word/media/bomb.bin") as entry:
        assert sum(len(piece) for piece in iter(lambda: entry.read(1024**2), b"")) > 500 * len(hostile.zip_bomb())

    lying = hostile.lying_zip_bomb()
    with zipfile.ZipFile(io.BytesIO(lying)) as archive:
        assert archive.infolist()[0].file_size == 100
    packed = lying[30 + len("word/document.xml") :]
    assert len(zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed)) > 500 * len(lying)


async def test_external_entity_brings_in_no_file_of_the_server(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)

    refusal = await refusal_of(hostile.external_entity(secret.as_uri()), "a.docx")

    assert SECRET not in refusal.detail


async def test_external_entity_calls_nobody() -> None:
    called = asyncio.Event()

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.set()
        writer.close()

    async with await asyncio.start_server(note, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        await refusal_of(hostile.external_entity(f"http://127.0.0.1:{port}/x.dtd"), "a.docx")

    assert not called.is_set()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"%PDF-1.4 and more", "a.docx"),
        (b"just text", "a.pdf"),
        (docx_of(paragraph("x")), "a.txt"),
        (b"MZ\x90", "a.exe"),
        (b"text", "README"),
    ],
)
async def test_file_under_a_wrong_ending_is_unsupported(data: bytes, name: str) -> None:
    assert isinstance(await refusal_of(data, name), UnsupportedFormat)


async def test_file_over_the_limit_is_too_large_by_size_and_by_sections(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    path.write_bytes(b"x" * (MAX_DOCUMENT_BYTES + 1))

    assert isinstance(await refusal_of(path.read_bytes(), "large.txt"), TooLarge)
    with pytest.raises(TooLarge):
        await read_document(path, "large.txt")
    assert isinstance(await refusal_of(b"# A\n\nx\n\n" * 2_001, "many.md"), TooLarge)


async def test_parser_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "MAX_WALL_S", 0.0)
    monkeypatch.setattr(child_process, "STARVED_WALL_S", 0.0)

    refusal = await refusal_of(b"text", "a.txt")

    assert refusal.data["reason"] == "hostile"


async def test_parser_that_has_not_had_the_processor_gets_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "MAX_WALL_S", 0.0)

    assert (await read_document(b"text", "a.txt")).sections[0].text == "text"


async def test_parser_that_has_had_the_processor_gets_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "MAX_WALL_S", 0.0)
    monkeypatch.setattr(child_process, "STARVED_CPU_S", 0.0)

    refusal = await refusal_of(b"text", "a.txt")

    assert refusal.data["reason"] == "hostile"


async def test_parser_that_cannot_start_is_an_error_of_the_document_not_of_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(child_process, "_ROOT", Path("/nowhere"))
    monkeypatch.setattr(parser_process, "_MODULE", "tasks.documents.no_such_module")

    refusal = await refusal_of(b"text", "a.txt")

    assert refusal.data["reason"] == "broken"


async def test_server_reads_on_while_hostile_files_are_being_refused() -> None:
    bad = [asyncio.create_task(refusal_of(hostile.zip_bomb(), "a.docx")) for _ in range(4)]

    good = await read_document(b"A short text.", "a.txt")

    assert good.sections[0].text == "A short text."
    assert len(await asyncio.gather(*bad)) == 4
