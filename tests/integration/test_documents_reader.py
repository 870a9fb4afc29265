"""Ordinary files through the real child process: the sample report in every format."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tasks.documents import child_process, parser_process
from tasks.documents.reader import Parsed, read_document
from tests.samples import make_report
from tests.samples.report_text import PLANTED, SECTIONS

SAMPLES = Path(make_report.__file__).parent
FORMATS = ("docx", "pdf", "md", "txt")


def words_of(parsed: Parsed) -> str:
    """All text on one line, whatever the format broke into lines."""
    return " ".join(" ".join(section.text for section in parsed.sections).split())


@pytest.mark.parametrize("ending", FORMATS)
async def test_sample_has_its_ten_sections_and_all_its_faults(ending: str) -> None:
    parsed = await read_document(SAMPLES / f"report.{ending}", f"report.{ending}")

    assert parsed.format == ending
    assert [section.section_id for section in parsed.sections] == [f"s{number}" for number in range(1, 11)]
    assert [section.title.lstrip("0123456789. ") for section in parsed.sections] == [title for title, _ in SECTIONS]
    assert [fault for fault, words in PLANTED.items() if words not in words_of(parsed)] == []
    assert all(80 <= section.words <= 200 for section in parsed.sections)


@pytest.mark.parametrize(
    ("ending", "made"),
    [("docx", make_report.make_docx), ("pdf", make_report.make_pdf)],
)
async def test_committed_sample_is_what_its_maker_makes(ending: str, made: object) -> None:
    assert callable(made)
    fresh = await read_document(made(), f"report.{ending}")

    assert fresh == await read_document(SAMPLES / f"report.{ending}", f"report.{ending}")


def test_committed_texts_are_what_their_makers_make() -> None:
    assert (SAMPLES / "report.md").read_text(encoding="utf-8") == make_report.make_markdown()
    assert (SAMPLES / "report.txt").read_text(encoding="utf-8") == make_report.make_text()


async def test_long_text_is_cut_and_nothing_is_lost() -> None:
    text = "\n\n".join(f"Paragraph {number} says something. " + "More of it. " * 40 for number in range(60))

    parsed = await read_document(text.encode(), "long.txt")

    assert parsed.sections[1].title == f"Whole document (part 2 of {len(parsed.sections)})"
    assert words_of(parsed) == " ".join(text.split())


async def test_name_is_cleaned_and_characters_beyond_the_basic_plane_survive() -> None:
    parsed = await read_document("# 😀 Größe\n\ntext 😀 more".encode(), "../up/Bericht ä.md")

    assert parsed.name == "Bericht ä.md"
    assert (parsed.sections[0].title, parsed.sections[0].chars) == ("😀 Größe", 11)


async def test_many_files_are_read_two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most = 0, 0
    answer_of = child_process._answer_of

    async def counted(*arguments: object) -> bytes:
        nonlocal running, most
        running += 1
        most = max(most, running)
        try:
            return await answer_of(*arguments)  # type: ignore[arg-type]
        finally:
            running -= 1

    monkeypatch.setattr(child_process, "_answer_of", counted)

    await asyncio.gather(*(read_document(b"text", "a.txt") for _ in range(6)))

    assert most == parser_process.MAX_CHILDREN


async def test_child_is_gone_when_the_reader_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    started: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    read_bounded = child_process._read_bounded

    async def noted(child: asyncio.subprocess.Process) -> bytes:
        started.set_result(child.pid)
        return await read_bounded(child)

    monkeypatch.setattr(child_process, "_read_bounded", noted)
    reading = asyncio.create_task(read_document(b"text", "a.txt"))
    pid = await started

    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_child_sees_no_secret_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "secret")

    assert "secret" not in child_process._environment().values()
