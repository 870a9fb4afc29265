"""Word files: the text is what a reader sees, and every piece of it leads back to its run."""

from __future__ import annotations

import io

import docx
import pytest

from tasks.documents.cutting import cut_draft
from tasks.documents.docx_hidden import MAX_HIDDEN
from tasks.documents.docx_package import open_package
from tasks.documents.docx_reader import map_sections, read
from tasks.documents.refusal import Refused
from tests.samples.hostile import W, docx_of, paragraph, zip_of
from tests.samples.make_report import make_docx

RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def text_of(body: str, parts: dict[str, bytes] | None = None) -> str:
    drafts = read(docx_of(body, parts)).drafts
    return "\n\n".join(draft.text for draft in drafts)


def sections_of(body: str, parts: dict[str, bytes] | None = None) -> list[tuple[str, int, str]]:
    return [(draft.title, draft.level, draft.text) for draft in read(docx_of(body, parts)).drafts]


def related(kind: str, content: str) -> dict[str, bytes]:
    """A part that belongs to the main part, and the link to it."""
    link = f'<Relationship Id="r9" Type="{KINDS}/{kind}" Target="{kind}.xml"/>'
    return {
        f"word/{kind}.xml": f'<w:{kind} xmlns:w="{W}">{content}</w:{kind}>'.encode(),
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{RELATIONS}">{link}</Relationships>'.encode(),
    }


def style(style_id: str, name: str, based_on: str = "", properties: str = "") -> str:
    return (
        f'<w:style w:styleId="{style_id}"><w:name w:val="{name}"/><w:basedOn w:val="{based_on}"/>'
        f"<w:pPr>{properties}</w:pPr></w:style>"
    )


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def field(mark: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{mark}"/></w:r>'


def test_insertions_and_links_are_text_and_deletions_are_not() -> None:
    body = (
        f"<w:p>{run('We ')}<w:ins>{run('really ')}</w:ins><w:del><w:r><w:delText>never </w:delText></w:r></w:del>"
        f"<w:hyperlink>{run('saw')}</w:hyperlink><w:moveFrom>{run(' gone')}</w:moveFrom>{run(' it.')}</w:p>"
    )

    assert text_of(body) == "We really saw it."


def test_field_results_are_text_and_field_codes_are_not() -> None:
    code = '<w:r><w:instrText xml:space="preserve"> REF x </w:instrText></w:r>'
    nested = f"{field('begin')}{run('inner code')}{field('separate')}{run('inner result')}{field('end')}"
    body = f"<w:p>{run('See ')}{field('begin')}{code}{nested}{field('separate')}{run('Table 2')}{field('end')}.</w:p>"

    assert text_of(body) == "See Table 2"


def test_tabs_breaks_and_hyphens_are_characters() -> None:
    content = "<w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:softHyphen/><w:t>d</w:t>"

    assert text_of(f'<w:p><w:r>{content}<w:br w:type="page"/></w:r></w:p>') == "a\tb\nc\u2011d"


def test_table_is_one_line_a_row() -> None:
    cell = "<w:tc>{}</w:tc>".format
    nested = f"<w:tbl><w:tr>{cell(paragraph('n'))}{cell(paragraph('m'))}</w:tr></w:tbl>"
    rows = (
        f"<w:tr>{cell(paragraph('a') + paragraph('b'))}{cell(nested + '<w:p/>')}</w:tr>"
        f"<w:tr><w:trPr><w:del/></w:trPr>{cell(paragraph('deleted'))}</w:tr>"
        f"<w:tr>{cell('<w:p/>')}{cell(paragraph('d'))}</w:tr>"
    )

    assert text_of(f"{paragraph('x')}<w:tbl>{rows}</w:tbl>{paragraph('y')}") == "x\n\na b | n | m\n | d\n\ny"


def test_list_items_carry_their_markers() -> None:
    item = '<w:numPr><w:ilvl w:val="{}"/><w:numId w:val="7"/></w:numPr>'.format

    assert text_of(paragraph("Then:") + paragraph("a", item(0)) + paragraph("b", item(1))) == "Then:\n\n- a\n  - b"


def test_heading_level_comes_from_name_outline_or_ancestor() -> None:
    styles = (
        style("H2", "heading 2")
        + style("Own", "Chapter head", based_on="H2")
        + style("Deep", "Deep", properties='<w:outlineLvl w:val="3"/>')
        + style("T", "Title")
        + style("Round", "Round", based_on="Round")
    )
    named = [
        paragraph("Title", '<w:pStyle w:val="T"/>'),
        paragraph("Own", '<w:pStyle w:val="Own"/>'),
        paragraph("Deep", '<w:pStyle w:val="Deep"/>'),
        paragraph("Direct", '<w:outlineLvl w:val="0"/>'),
        paragraph("text", '<w:pStyle w:val="Round"/>'),
        paragraph("not any more", '<w:pStyle w:val="H2"/><w:outlineLvl w:val="9"/>'),
    ]

    assert [(title, level) for title, level, _ in sections_of("".join(named), related("styles", styles))] == [
        ("Title", 1),
        ("Own", 2),
        ("Deep", 4),
        ("Direct", 1),
    ]


def test_lines_in_bold_are_headings_when_there_are_no_styles_for_them() -> None:
    reading = read(docx_of(f"<w:p>{run('Cause', '<w:b/>')}</w:p>{paragraph('Text.')}"))

    assert [(draft.title, draft.level) for draft in reading.drafts] == [("Cause", 1)]
    assert "bold" in reading.warnings[0]


def test_text_before_the_first_heading_is_a_section() -> None:
    body = paragraph("Before.") + paragraph("A", '<w:outlineLvl w:val="0"/>')

    assert sections_of(body) == [("Beginning", 0, "Before."), ("A", 1, "")]


def test_text_box_is_read_once_after_its_paragraph() -> None:
    box = f"<w:txbxContent>{paragraph('in the box')}</w:txbxContent>"
    drawing = (
        f"<mc:AlternateContent {MC}><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    )

    assert text_of(f"<w:p>{run('around')}<w:r>{drawing}</w:r></w:p>") == "around\n\nin the box"


def test_footnote_follows_the_paragraph_that_refers_to_it() -> None:
    notes = f'<w:footnote w:id="2">{paragraph(" A source.")}</w:footnote>'
    body = f'<w:p>{run("Claim.")}<w:r><w:footnoteReference w:id="2"/></w:r></w:p>{paragraph("Next.")}'

    assert text_of(body, related("footnotes", notes)) == "Claim. [note 1]\n\n[note 1] A source.\n\nNext."


def test_contents_and_hidden_text_are_left_out_with_a_word() -> None:
    styles = style("TOC1", "toc 1")
    contents = paragraph("A .... 1", '<w:pStyle w:val="TOC1"/>')
    body = f"{contents}<w:p>{run('seen')}{run('unseen', '<w:vanish/>')}</w:p>"

    reading = read(docx_of(body, related("styles", styles)))

    assert [draft.text for draft in reading.drafts] == ["seen"]
    assert reading.warnings == ("The table of contents was left out.", "Hidden text was left out.")


def test_linked_parts_are_not_fetched_and_the_reader_says_so() -> None:
    link = f'<Relationship Id="r" Type="{KINDS}/image" TargetMode="External" Target="http://192.0.2.1/x.png"/>'
    parts = {"word/_rels/document.xml.rels": f'<Relationships xmlns="{RELATIONS}">{link}</Relationships>'.encode()}

    assert "not fetched" in read(docx_of(paragraph("x"), parts)).warnings[0]


@pytest.mark.parametrize("root", ["{urn:other}document", "workbook"])
def test_archive_that_is_no_word_document_is_refused(root: str) -> None:
    name = root.rpartition("}")[2]
    with pytest.raises(Refused) as refused:
        read(zip_of({"word/document.xml": f"<{name}/>".encode()}))

    assert refused.value.kind == "unsupported"


def test_broken_xml_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        read(docx_of("<w:p>"))

    assert refused.value.reason == "broken"


def test_spans_lead_from_the_text_back_to_its_runs() -> None:
    data = make_docx()
    package = open_package(data)
    main = package.xml(package.main)

    sections = map_sections(main, package)

    assert [section.draft for section in sections] == [part for draft in read(data).drafts for part in cut_draft(draft)]
    for section in sections:
        for span in section.spans:
            written = "".join(text.text for text in span.run.iter(f"{{{W}}}t"))
            assert section.draft.text[span.start : span.end] == written


def test_spans_stay_true_when_a_section_is_cut() -> None:
    body = "".join(f"<w:p>{run(f'Number {n} is ')}{run('said here. ' * 20)}</w:p>" for n in range(120))
    package = open_package(docx_of(body))

    sections = map_sections(package.xml(package.main), package)

    assert len(sections) > 2
    for section in sections:
        covered = "".join(section.draft.text[span.start : span.end] for span in section.spans)
        assert covered == section.draft.text.replace("\n\n", "")


def test_spans_point_into_the_file_that_another_library_opens() -> None:
    opened = docx.Document(io.BytesIO(make_docx()))
    package = open_package(make_docx())

    sections = map_sections(opened.element, package)

    assert sections[0].spans[0].run is opened.paragraphs[1].runs[0]._r


def test_hidden_run_outside_of_any_paragraph_is_told_like_others() -> None:
    body = paragraph("Seen.") + "<w:r><w:rPr><w:vanish/></w:rPr><w:t>lost</w:t></w:r>"

    assert [hidden.text for hidden in read(docx_of(body)).hidden] == ["lost"]


def test_ten_thousand_hidden_paragraphs_in_a_row_are_read_at_once() -> None:
    body = paragraph("Seen.") + f"<w:p>{run('unseen', '<w:vanish/>')}</w:p>" * 10_000

    assert len(read(docx_of(body)).hidden) == MAX_HIDDEN
