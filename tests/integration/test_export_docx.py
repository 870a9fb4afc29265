"""Word files out: comments on the exact words, and nothing else of the file changed."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import docx
import pytest
from hypothesis import given, settings, strategies as st
from lxml import etree

from tasks.contract.errors import UnreadableDocument
from tasks.contract.findings import Anchor, Source, Suggestion
from tasks.documents.docx_archive import COMMENTS_KIND
from tasks.documents.docx_names import w
from tasks.documents.docx_package import open_package
from tasks.documents.export_docx import export_docx
from tasks.documents.export_remarks import Remark
from tests.corpus.commented import (
    AT,
    assert_unharmed,
    comments_of,
    document_of,
    export,
    finding_at,
    main_of,
    marked_text,
    ours,
    remark,
)
from tests.samples.hostile import docx_of, paragraph
from tests.samples.make_report import make_docx
from tests.samples.rich_docx import heading, rich_docx, run


@pytest.mark.parametrize(
    "quote",
    [
        "rors",
        "420 to 180\t(see\nbel",
        "80",
        "below)",
        "Cut on",
        "420",
        "claim is",
        "Around",
        "عدد الأخطاء",
        "数量大幅",
        "👩‍🔬 an 𝒜",
        "Inside of",
        # in a link, a tracked change or a control
        *("sharply", "whole", "ead the whole", "hole report f", "ors fell", "content"),
    ],
)
def test_comment_covers_exactly_the_quoted_words_and_nothing_else_changes(quote: str) -> None:
    before = rich_docx()
    after = export(before, quote)
    (comment_id,) = ours(after)

    assert marked_text(after, comment_id) == quote
    assert comments_of(after)[comment_id] == "Clarity · major\nUnclear."
    assert_unharmed(before, after)


@pytest.mark.parametrize(
    ("quote", "covered"),
    [("2 shows", " Table 2 shows it"), ("first. Table", "first. Table 2 shows it"), ("first.", "first.")],
)
def test_comment_in_what_word_writes_anew_covers_all_of_it_and_says_the_quote(quote: str, covered: str) -> None:
    before = rich_docx()
    after = export(before, quote)
    (comment_id,) = ours(after)

    assert marked_text(after, comment_id) == covered
    assert (f"On “{quote}”:" in comments_of(after)[comment_id].split("\n")) == (quote != covered)
    assert_unharmed(before, after)


def test_marks_are_in_the_main_story_only() -> None:
    quotes = ["sharply", "whole", "Words in", "doubtful", "Table 2", "Inside", "May"]
    root = main_of(export(rich_docx(), *quotes))

    marks = [mark for mark in root.iter(w("commentRangeStart"), w("commentRangeEnd")) if mark.get(w("id")) != "7"]
    assert len(marks) == 2 * len(quotes)
    assert not any(True for mark in marks for _ in mark.iterancestors(w("txbxContent")))


@pytest.mark.parametrize(
    ("quote", "aside", "covered"),
    [("a box", "text box", ""), ("doubtful", "note", ""), ("claim is bold [note 1] and", "", "claim is bold and")],
)
def test_comment_on_a_note_or_text_box_stands_in_the_main_story_and_says_where_it_belongs(
    quote: str, aside: str, covered: str
) -> None:
    before = rich_docx()
    after = export(before, quote)
    (comment_id,) = ours(after)

    if aside:
        assert f"On “{quote}” (in a {aside}):" in comments_of(after)[comment_id]
        assert main_of(after).find(f".//{w('commentReference')}[@{w('id')}='{comment_id}']") is not None
    else:
        assert marked_text(after, comment_id) == covered
    assert_unharmed(before, after)


def test_comment_spans_paragraphs_lists_and_table_cells() -> None:
    for quote, covered in [
        ("twice.\n2. Cut", "twice.\n\nCut"),
        ("Month | Count\nMay | 4", "Month\n\nCount\n\nMay\n\n4"),
        ("420\n\nThe claim", "420\n\nThe claim"),
    ]:
        before = rich_docx()
        after = export(before, quote)
        assert marked_text(after, ours(after)[0]) == covered
        assert_unharmed(before, after)


def test_finding_on_a_whole_section_is_on_its_heading() -> None:
    before = rich_docx()
    after = export(before, None, section_id="s2")
    (comment_id,) = ours(after)

    assert marked_text(after, comment_id) == "Details"
    assert "On the whole section “Details”." in comments_of(after)[comment_id]
    assert_unharmed(before, after)


def test_section_without_a_heading_has_its_comment_on_its_first_paragraph() -> None:
    before = docx_of(f"<w:p>{run('One ')}{run('two.', '<w:b/>')}</w:p>{paragraph('Three.')}")
    after = export(before, None, section_id="s1")

    assert marked_text(after, "1") == "One two."
    assert_unharmed(before, after)


def test_document_of_formulas_alone_takes_its_comment_at_a_point() -> None:
    math = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    before = docx_of(f"<w:p {math}><m:oMath><m:r><m:t>x+y</m:t></m:r></m:oMath></w:p>")
    after = export(before, "x+y")

    assert "On “x+y”:" in comments_of(after)["1"]
    assert main_of(after).find(f".//{w('commentReference')}") is not None
    assert_unharmed(before, after)


def test_quote_of_a_list_marker_alone_is_put_on_the_nearest_text() -> None:
    after = export(rich_docx(), "2. ")

    assert marked_text(after, ours(after)[0]) in {"Cut once.", "Measure twice."}


def test_old_comments_keep_their_ids_and_ours_get_others_in_the_documents_own_styles() -> None:
    after = export(rich_docx(), *["Errors"] * 8)
    package = open_package(after)
    root = package.related("comments")

    assert [comment.get(w("id")) for comment in root] == ["7", "1", "2", "3", "4", "5", "6", "8", "9"]
    assert comments_of(after)["7"] == "Really?"
    assert root[1].find(f".//{w('pStyle')}").get(w("val")) == "Kommentartext"
    assert package.path_of("comments") == "word/comments.xml"
    assert_unharmed(rich_docx(), after)


def test_comment_carries_author_time_and_initials_as_another_library_reads_them() -> None:
    source = Source(engine="claude", model="claude-sonnet-4-5")
    after = export(make_docx(), "The", source=source)
    (comment,) = docx.Document(io.BytesIO(after)).comments

    assert comment.author == "Galley · Claude claude-sonnet-4-5"
    assert comment.timestamp == datetime.fromtimestamp(AT / 1000, UTC)
    assert comment.initials == "G"
    (built_in,) = docx.Document(io.BytesIO(export(make_docx(), "The"))).comments
    assert built_in.author == "Galley · built-in checker"


def test_comment_says_rationale_suggestion_rule_and_decision() -> None:
    more = {
        "rationale": "Two\nlines, and \x00 a bell \x07.",
        "suggestion": Suggestion(kind="replace", text="Better"),
        "rule": {"id": "r1", "url": "https://example.org/r1"},
        "status": "accepted",
    }
    after = export(rich_docx(), "Errors", **more)

    said = comments_of(after)[ours(after)[0]]
    assert said == (
        "Clarity · major · accepted\nUnclear.\nTwolines, and  a bell .\nSuggested instead: Better\n"
        "Rule: r1 https://example.org/r1"
    )


def test_comment_in_arabic_is_set_from_right_to_left() -> None:
    package = open_package(export(rich_docx(), "Errors", message="هذا غير واضح"))
    comment = package.related("comments")[-1]

    assert len(list(comment.iter(w("bidi")))) == len(list(comment.iter(w("rtl")))) == 1


def test_file_without_comments_gets_the_part_its_type_and_its_link() -> None:
    before = rich_docx(with_comments=False)
    after = export(before, "Errors")
    package = open_package(after)

    assert package.path_of("comments") == "word/comments.xml"
    assert package.parts["[Content_Types].xml"].count(b"/word/comments.xml") == 1
    assert len(docx.Document(io.BytesIO(after)).comments) == 1
    assert_unharmed(before, after)


def test_file_without_relationships_gets_them() -> None:
    before = docx_of(heading("A") + paragraph("Some words."))
    after = export(before, "words")

    assert comments_of(after) == {"1": "Clarity · major\nUnclear."}
    assert_unharmed(before, after)


def test_quote_behind_a_cut_inside_of_a_run_is_found() -> None:
    before = docx_of(paragraph("".join(f"Sentence number {n} is said here. " for n in range(700))))
    after = export(before, "number 650 is")

    assert len(document_of(before).sections) > 1
    assert marked_text(after, "1") == "number 650 is"
    assert_unharmed(before, after)


def test_text_that_is_read_otherwise_today_is_found_by_its_words() -> None:
    data = rich_docx()
    document = document_of(data)
    moved = Remark(finding_at("s1", Anchor(exact="Cut once", start=3, end=11)), AT)
    lost = Remark(finding_at("s1", Anchor(exact="never said", start=3, end=13)), AT)
    gone = Remark(finding_at("s99", Anchor(exact="never said", start=3, end=13)), AT)
    after = export_docx(data, document, [moved, lost, gone])

    texts = {comments_of(after)[comment_id].split("\n")[1]: comment_id for comment_id in ours(after)}
    assert marked_text(after, texts["Unclear."]) == "Cut once"
    assert sum("On “never said”:" in said for said in comments_of(after).values()) == 2
    assert_unharmed(data, after)


def test_remarks_in_the_xml_of_types_and_links_do_no_harm() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(rich_docx(with_comments=False))) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            root = etree.fromstring(old.read(name)) if name.endswith((".rels", ".xml")) else None
            if root is not None:
                root.insert(0, etree.Comment("a remark"))
            new.writestr(name, old.read(name) if root is None else etree.tostring(root))
    after = export(buffer.getvalue(), "Errors")

    assert len(comments_of(after)) == 1


def test_comment_on_a_text_box_that_hangs_on_nothing_stands_at_a_point() -> None:
    before = docx_of(f"{paragraph('Some words.')}<w:txbxContent>{paragraph('Lost box.')}</w:txbxContent>")
    after = export(before, "Lost")

    assert "On “Lost”:" in comments_of(after)["1"]
    assert_unharmed(before, after)


def test_field_that_begins_outside_of_any_run_is_no_field() -> None:
    end = '<w:p><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    before = docx_of(f'<w:fldChar w:fldCharType="begin"/>{paragraph("Some words.")}{end}')
    after = export(before, "words")

    assert marked_text(after, "1") == "words"
    assert_unharmed(before, after)


def test_file_that_names_no_xml_as_its_comments_is_refused() -> None:
    links = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="c" Type="{COMMENTS_KIND}" Target="---"/></Relationships>'
    )
    before = docx_of(paragraph("Some words."), {"word/_rels/document.xml.rels": links.encode()})

    with pytest.raises(UnreadableDocument, match="save it again"):
        export(before, "words")


def test_archive_with_folders_and_stored_parts_keeps_them() -> None:
    buffer = io.BytesIO(rich_docx())
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(zipfile.ZipInfo("word/theme/"), b"")
        archive.writestr("word/theme/plain.bin", b"as it is" * 9, zipfile.ZIP_STORED)
    before = buffer.getvalue()
    after = export(before, "Errors")

    assert_unharmed(before, after)
    with zipfile.ZipFile(io.BytesIO(after)) as archive:
        assert archive.getinfo("word/theme/plain.bin").compress_type == zipfile.ZIP_STORED
        assert archive.getinfo("word/theme/").is_dir()


def test_file_without_findings_is_given_as_it_came() -> None:
    assert export(rich_docx()) == rich_docx()


def test_file_that_was_changed_on_the_disk_is_refused() -> None:
    data = rich_docx()
    document = document_of(data)
    with pytest.raises(UnreadableDocument):
        export_docx(data[:500], document, [remark(document, "Errors")])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 220), st.integers(1, 60)), min_size=1, max_size=8))
def test_any_mix_of_overlapping_findings_leaves_the_document_unharmed(places: list[tuple[int, int, int]]) -> None:
    data = rich_docx()
    document = document_of(data)
    remarks = []
    for number, offset, length in places:
        text = document.sections[number].text
        start = min(offset, len(text) - 1)
        end = min(start + length, len(text))
        anchor = Anchor(exact=text[start:end], start=start, end=end)
        remarks.append(Remark(finding_at(f"s{number + 1}", anchor), AT))
    after = export_docx(data, document, remarks)

    assert len(ours(after)) == len(remarks)
    assert_unharmed(data, after)
    for name in ("commentRangeStart", "commentRangeEnd", "commentReference"):
        marks = [mark.get(w("id")) for mark in main_of(after).iter(w(name))]
        assert sorted(marks) == sorted(comments_of(after))
