"""Text out: footnotes that Markdown shows, replacements that keep the rest, tables that start nothing."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from markdown_it import MarkdownIt

from tasks.contract.documents import Document, DocumentFormat, Section
from tasks.contract.errors import UnreadableDocument
from tasks.contract.findings import Anchor, CheckpointName, Finding, Source, Suggestion
from tasks.documents.cutting import cut_draft
from tasks.documents.export_applied import apply_accepted
from tasks.documents.export_markdown import export_markdown
from tasks.documents.export_markdown_source import export_markdown_source
from tasks.documents.export_remarks import Remark, body_of, select_remarks
from tasks.documents.export_tables import COLUMNS, disarm, export_csv, export_json
from tasks.documents.markdown_reader import split_markdown
from tasks.documents.plain_headings import split_plain_text
from tasks.documents.text_decoding import normalize_text
from tasks.documents.text_source import read_source


def document_of(text: str, fmt: DocumentFormat = "md") -> Document:
    text = normalize_text(text)
    drafts = split_plain_text(text) if fmt == "txt" else split_markdown(text)
    parts = [part for draft in drafts for part in cut_draft(draft)]
    sections = tuple(
        Section(section_id=f"s{n}", title=p.title, level=p.level, text=p.text) for n, p in enumerate(parts, 1)
    )
    return Document(document_id="d", owner="o", name=f"a.{fmt}", format=fmt, sections=sections)


def remark(document: Document, quote: str | None, section_id: str = "s1", **more: Any) -> Remark:
    """A remark on the first place of the quote, or on the section."""
    section = next(s for s in document.sections if (quote in s.text if quote else s.section_id == section_id))
    start = section.text.index(quote) if quote else 0
    anchor = Anchor(exact=quote, start=start, end=start + len(quote)) if quote else None
    fixed: dict[str, Any] = {"finding_id": "f", "fingerprint": "f", "category": "clarity", "severity": "major"}
    given = {"message": "Unclear.", "source": Source(engine="checker"), **more}
    return Remark(Finding(section_id=section.section_id, anchor=anchor, **fixed, **given), 1_700_000_000_000)


def replaced(document: Document, quote: str, text: str, kind: Any = "replace", status: str = "accepted") -> Remark:
    return remark(document, quote, status=status, suggestion=Suggestion(kind=kind, text=text))


def noted(text: str, *quotes: str | None, section_id: str = "s1") -> str:
    document = document_of(text)
    remarks = [remark(document, quote, section_id) for quote in quotes]
    return export_markdown_source(text.encode(), document, remarks).decode()


NOTE = "[^galley-1]: **Clarity · major.** On “{}”: Unclear. *(Galley · built-in checker)*\n"


def test_footnote_stands_behind_its_quote_and_its_text_at_the_end() -> None:
    assert noted("# A\n\nSome *odd* words.\n", "odd") == f"# A\n\nSome *odd[^galley-1]* words.\n\n{NOTE.format('odd')}"


@pytest.mark.parametrize(
    ("text", "quote", "expected"),
    [
        ("Use `the call()` now.", "the", "Use `the call()`[^galley-1] now."),
        ("See [the page](http://x.org/a) now.", "page", "See [the page](http://x.org/a)[^galley-1] now."),
        ("| a | b |\n|---|---|\n| c | d |", "| c | d |", "| a | b |\n|---|---|\n| c | d[^galley-1] |"),
        ("x\n\n```\ncode here\n```\n\ny", "code", "x\n\n```\ncode here\n```\n\n[^galley-1]\n\n\ny"),
        ("---\ntitle: T\n---\n\ntext", "title: T", "---\ntitle: T\n---\n\n[^galley-1]\n\n\ntext"),
        ("a line\n\nnext", "line\n\n", "a line[^galley-1]\n\nnext"),
        ("Mine.[^galley-3]\n\n[^galley-3]: x", "Mine", "Mine[^galley1-1].[^galley-3]\n\n[^galley-3]: x"),
    ],
)
def test_footnote_is_put_where_markdown_shows_it(text: str, quote: str, expected: str) -> None:
    assert noted(text, quote).split("\n\n[^galley-1]:")[0].split("\n\n[^galley1-1]:")[0] == expected


def test_footnote_to_a_whole_section_is_a_paragraph_below_its_heading() -> None:
    text = "# A\nwords\n\nB\n---\n\n## C"
    assert noted(text, None, section_id="s1").startswith("# A\n\n[^galley-1]\n\nwords\n\nB\n---\n")
    assert "B\n---\n\n[^galley-1]\n\n## C\n" in noted(text, None, section_id="s2").replace("\n\n\n", "\n\n")
    assert "## C\n\n[^galley-1]\n\n[^galley-1]: " in noted(text, None, section_id="s3")


def test_line_of_a_million_brackets_is_searched_at_once() -> None:
    assert "[^galley-1]" in noted("[" * 1_000_000 + " word `" + "`" * 1_000_000, "word")


def test_words_of_a_finding_cannot_become_markup() -> None:
    document = document_of("Some words.")
    evil = remark(document, "words", message="<script>alert(1)</script> [x](y) *b*\n# no")
    note = export_markdown_source(b"Some words.", document, [evil]).decode().partition("]: ")[2]

    html = MarkdownIt("commonmark", {"html": True}).render(note)
    assert "<script" not in html and "<a " not in html and "<h1" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; [x](y) *b* # no" in html


def test_plain_text_becomes_markdown_that_reads_the_same() -> None:
    sections = (
        Section(
            section_id="s1", title="Beginning", level=0, text="# not *bold*\n> a_b & <b>c</b>\n\n- one\n- two\n==="
        ),
        Section(section_id="s2", title="Costs [a]", level=2, text="May | 420\nJune | 180"),
    )
    document = Document(document_id="d", owner="o", name="a.docx", format="docx", sections=sections)
    written = export_markdown(document, [remark(document, "a_b"), remark(document, None, "s2")]).decode()

    html = MarkdownIt("commonmark").render(written.partition("\n[^galley-1]:")[0])
    assert "<p># not *bold*<br />\n&gt; a_b[^galley-1] &amp; &lt;b&gt;c&lt;/b&gt;</p>" in html
    assert "<li>two<br />\n===</li>" in html
    assert "<h2>Costs [a][^galley-2]</h2>\n<p>May | 420<br />\nJune | 180</p>" in html


def test_accepted_replacements_are_carried_out_and_others_are_not() -> None:
    text = "# Head ##\r\n\r\nThe the cat sat.\r\nIt was very, very big.\r\n\r\nEnd\r\n"
    document = document_of(text)
    remarks = [
        replaced(document, "The the", "The"),
        replaced(document, "sat", "stood", status="open"),
        replaced(document, "very, ", "", "delete"),
        replaced(document, "big", "indeed", "insert"),
        remark(document, "End", status="accepted"),
    ]
    made = apply_accepted(text.encode(), document, remarks)

    assert made.data.decode() == "# Head ##\r\n\r\nThe cat sat.\r\nIt was very big indeed.\r\n\r\nEnd\r\n"
    assert (made.applied, made.left_out) == (3, 0)


def test_of_replacements_of_the_same_words_the_first_is_carried_out_and_the_other_counted() -> None:
    document = document_of("one two three", "txt")
    made = apply_accepted(
        b"one two three", document, [replaced(document, "two three", "X"), replaced(document, "one two", "Y")]
    )

    assert (made.data, made.applied, made.left_out) == (b"Y three", 1, 1)


def test_deleted_word_leaves_no_double_blank() -> None:
    document = document_of("a very good day", "txt")

    assert (
        apply_accepted(b"a very good day", document, [replaced(document, "very", "", "delete")]).data == b"a good day"
    )


def test_text_is_read_from_any_encoding_and_given_back_in_utf_8() -> None:
    data = "Grüße ans Team".encode("utf-16")
    document = document_of("Grüße ans Team", "txt")

    assert apply_accepted(data, document, [replaced(document, "Team", "Büro")]).data.decode() == "Grüße ans Büro"


def test_file_that_was_changed_on_the_disk_is_refused_or_its_quotes_left_out() -> None:
    document = document_of("one two", "txt")
    with pytest.raises(UnreadableDocument):
        apply_accepted(b"\x00\x01", document, [replaced(document, "two", "X")])
    assert apply_accepted(b"two one", document, [replaced(document, "two", "X")]).left_out == 1


@pytest.mark.parametrize("fmt", ["md", "txt"])
def test_every_section_is_found_in_its_source(fmt: DocumentFormat) -> None:
    long = "\n\n".join(f"Paragraph {n}. " + "word " * 60 for n in range(60))
    text = f"Before\n\n# ONE THING\n\n\nOne thing\n\n# ANOTHER\n\n{long}\n\nTHIRD THING\n\nlast"
    document = document_of(text, fmt)
    source = read_source(text.encode(), document)

    assert len(document.sections) > 3
    for section in document.sections:
        start = source.starts[section.section_id]
        assert text[start : start + len(section.text)] == section.text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_cells_that_could_be_formulas_are_disarmed(start: str) -> None:
    document = document_of("Some words.")
    evil = f"{start}HYPERLINK(1)"
    data = export_csv(document, [remark(document, "words", message=evil, suggestion=Suggestion(text=evil))])
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))

    assert row["message"] == row["suggestion"] == f"'{evil}"
    assert disarm("1+1") == "1+1"
    assert disarm(-1) == -1


def test_csv_has_a_line_a_finding_with_its_place_and_its_decision() -> None:
    document = document_of('# A, "B"\n\nSome words,\nover lines.')
    data = export_csv(document, [remark(document, "words,\nover", status="rejected"), remark(document, None)])
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))

    assert data.startswith(b"\xef\xbb\xbfnumber,")
    assert tuple(rows[0]) == COLUMNS
    assert (rows[0]["section"], rows[0]["quote"], rows[0]["status"]) == ('A, "B"', "words,\nover", "rejected")
    assert (rows[0]["start"], rows[0]["end"], rows[1]["start"]) == ("5", "16", "")


def test_each_format_names_the_checkpoint() -> None:
    document = document_of("Some words.")
    remarks = [remark(document, "words", checkpoint=CheckpointName(id="numbers", title="Numbers that agree"))]

    (row,) = csv.DictReader(io.StringIO(export_csv(document, remarks).decode("utf-8-sig"), newline=""))
    assert row["checkpoint"] == "Numbers that agree"
    (section,) = json.loads(export_json(document, remarks, "all", {}))["sections"]
    assert section["findings"][0]["checkpoint"] == {"id": "numbers", "title": "Numbers that agree"}
    assert "Checkpoint: Numbers that agree" in body_of(remarks[0].finding)


def test_json_has_every_section_with_its_text_and_its_findings() -> None:
    document = document_of("# A\n\nGrüße.\n\n# B\n\nwords")
    content = json.loads(export_json(document, [remark(document, "words")], "all", {"s2": "Look."}))

    assert content["document"] == {"document_id": "d", "name": "a.md", "format": "md", "created_at": 0}
    assert [section["text"] for section in content["sections"]] == ["Grüße.", "words"]
    assert [len(section["findings"]) for section in content["sections"]] == [0, 1]
    assert [section["notice"] for section in content["sections"]] == [None, "Look."]
    assert content["sections"][1]["findings"][0]["anchor"]["exact"] == "words"


def test_rejected_findings_are_left_out_of_the_text_and_kept_in_the_data() -> None:
    document = document_of("one two three")
    remarks = tuple(
        remark(document, quote, status=status)
        for quote, status in (("one", "open"), ("two", "rejected"), ("three", "accepted"))
    )

    def chosen(selection: Any, fmt: Any) -> list[str]:
        return [remark.finding.status for remark in select_remarks(remarks, selection, fmt)]

    assert chosen("all", "docx") == chosen("all", "md") == ["open", "accepted"]
    assert chosen("all", "json") == chosen("all", "csv") == ["open", "rejected", "accepted"]
    assert chosen("accepted", "json") == chosen("accepted", "docx") == ["accepted"]
