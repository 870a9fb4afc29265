"""Word files by what stands inside of their paragraphs: characters, scripts, links, fields, changes."""

from __future__ import annotations

from tests.corpus.specimen import Specimen
from tests.corpus.word import (
    comments,
    control,
    deleted,
    field,
    head,
    link,
    para,
    run,
    tracked,
    word_file,
)

HIDDEN = "Hidden text was left out."
EXTERNAL = "Pictures or other parts that are linked from elsewhere were not fetched."


def one(text: str) -> list[tuple[str, int, str]]:
    return [("Whole document", 0, text)]


def _emoji_as_word_writes_it(char: str) -> str:
    return (
        '<w:r><w:rPr><mc:AlternateContent><mc:Choice Requires="w16se"/><mc:Fallback>'
        '<w:rFonts w:ascii="Segoe UI Emoji"/>'
        '</mc:Fallback></mc:AlternateContent></w:rPr><mc:AlternateContent><mc:Choice Requires="w16se">'
        f'<w16se:symEx w16se:font="Segoe UI Emoji" w16se:char="{ord(char):X}"/></mc:Choice>'
        f"<mc:Fallback><w:t>{char}</w:t></mc:Fallback></mc:AlternateContent></w:r>"
    )


def _ruby(base: str, reading: str) -> str:
    return f"<w:r><w:ruby><w:rubyPr/><w:rt>{run(reading)}</w:rt><w:rubyBase>{run(base)}</w:rubyBase></w:ruby></w:r>"


_RTL = "<w:rtl/>"

SPECIMENS = (
    Specimen(
        "markup characters.docx",
        lambda: word_file(
            head("R&amp;D &lt;draft&gt;"),
            para("a &lt; b &amp;&amp; c &gt; d, &quot;so&quot; &#233; &#x1F600;"),
            para(run("<![CDATA[5 < 6 & 7]]>")),
        ),
        [("R&D <draft>", 1, 'a < b && c > d, "so" é 😀\n\n5 < 6 & 7')],
    ),
    Specimen(
        "emoji and combining marks.docx",
        lambda: word_file(
            head("👩‍🔬 Größe"), para("Family 👨‍👩‍👧‍👦, flag 🇩🇪, e\u0301 and é, n\u0303, 𝒜 and 𠀀."), para("Z̸͎͝a̷l̵g̴o̶ ends.")
        ),
        [("👩‍🔬 Größe", 1, "Family 👨‍👩‍👧‍👦, flag 🇩🇪, e\u0301 and é, n\u0303, 𝒜 and 𠀀.\n\nZ̸͎͝a̷l̵g̴o̶ ends.")],
    ),
    Specimen(
        "emoji as Word writes them.docx",
        lambda: word_file(para("Good ", _emoji_as_word_writes_it("😀"), " day.")),
        one("Good 😀 day."),
    ),
    Specimen(
        "right to left.docx",
        lambda: word_file(
            para(run("الملخص", _RTL), style="Heading1", properties="<w:bidi/>"),
            para(
                run("انخفض عدد الأخطاء من ", _RTL), run("420"), run(" إلى ", _RTL), run("180"), properties="<w:bidi/>"
            ),
            para(run("סיכום", _RTL), style="Heading1", properties="<w:bidi/>"),
            para(f'<w:bdo w:val="rtl">{run("שלום", _RTL)}</w:bdo>', f'<w:dir w:val="ltr">{run(" OK")}</w:dir>'),
        ),
        [("الملخص", 1, "انخفض عدد الأخطاء من 420 إلى 180"), ("סיכום", 1, "שלום OK")],
    ),
    Specimen(
        "Chinese, Japanese, Thai and Hindi.docx",
        lambda: word_file(
            head("概要"),
            para("错误数量大幅下降了。"),
            para(_ruby("漢字", "かんじ"), "を読む。"),
            para("สวัสดีครับ"),
            para("नमस्ते दुनिया"),
        ),
        [("概要", 1, "错误数量大幅下降了。\n\n漢字を読む。\n\nสวัสดีครับ\n\nनमस्ते दुनिया")],
    ),
    Specimen(
        "hyperlinks.docx",
        lambda: word_file(
            para(
                "See ",
                link("the report"),
                ", ",
                f'<w:hyperlink w:anchor="x">{run("part ")}{run("two", "<w:b/>")}</w:hyperlink>',
                ".",
            ),
            para(field(' HYPERLINK "https://example.org" ', run("by field")), " too."),
        ),
        one("See the report, part two.\n\nby field too."),
    ),
    Specimen(
        "fields.docx",
        lambda: word_file(
            para(
                "Page ",
                f'<w:fldSimple w:instr=" PAGE ">{run("7")}</w:fldSimple>',
                " of ",
                field(" NUMPAGES ", run("9")),
                ".",
            ),
            para(field(" REF x ", run("Table 2")), "."),
            para(
                '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> IF </w:instrText></w:r>',
                field(" MERGEFIELD x ", run("code of the outer")),
                '<w:r><w:fldChar w:fldCharType="separate"/></w:r>',
                "shown",
                '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
                ".",
            ),
            para(
                '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> XE "x" </w:instrText></w:r>'
                '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
                "Indexed.",
            ),
        ),
        one("Page 7 of 9.\n\nTable 2.\n\nshown.\n\nIndexed."),
    ),
    Specimen(
        "field that never ends.docx",
        lambda: word_file(
            para(
                "Before.", '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> REF x </w:instrText></w:r>'
            ),
            para("Code that goes on."),
            para(
                '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
                '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
                "And this.",
            ),
            para('<w:r><w:fldChar w:fldCharType="begin"/></w:r>', "This too."),
        ),
        one("Before.\n\nAnd this.\n\nThis too."),
    ),
    Specimen(
        "tracked changes.docx",
        lambda: word_file(
            para(
                "Errors ",
                tracked("ins", run("fell ") + run("sharply", "<w:b/>")),
                tracked("del", deleted("rose")),
                run(" in May", '<w:rPrChange w:id="4" w:author="Ann"><w:rPr><w:b/></w:rPr></w:rPrChange>'),
                tracked("ins", tracked("del", deleted(" twice")), 93),
                ".",
            )
        ),
        one("Errors fell sharply in May."),
    ),
    Specimen(
        "comments already there.docx",
        lambda: word_file(
            para(
                '<w:commentRangeStart w:id="2"/>', "Read ", link("this"), '<w:commentRangeStart w:id="3"/>', " first."
            ),
            para(
                "Then",
                '<w:commentRangeEnd w:id="2"/><w:r><w:commentReference w:id="2"/></w:r>',
                " that.",
                '<w:commentRangeEnd w:id="3"/><w:r><w:commentReference w:id="3"/></w:r>',
            ),
            parts={"comments": comments(n2="Really?", n3="Yes &amp; no.")},
        ),
        one("Read this first.\n\nThen that."),
    ),
    Specimen(
        "hyphens, spaces and breaks.docx",
        lambda: word_file(
            para(
                "<w:r><w:t>well</w:t><w:noBreakHyphen/><w:t>known co</w:t><w:softHyphen/><w:t>op</w:t></w:r>",
                run("\u00a0kg, dis\u00adcuss\u200b,\u2009ok"),
                '<w:r><w:br/><w:t>line</w:t><w:cr/><w:t>line</w:t><w:tab/><w:t>tab</w:t><w:br w:type="page"/>'
                '<w:lastRenderedPageBreak/><w:br w:type="column"/><w:t xml:space="preserve"> end</w:t></w:r>',
            )
        ),
        one("well\u2011known coop\u00a0kg, dis\u00adcuss\u200b,\u2009ok\nline\nline\ttab end"),
    ),
    Specimen(
        "words in pieces.docx",
        lambda: word_file(
            para(
                run("Con", "<w:b/>"),
                '<w:proofErr w:type="spellStart"/>',
                run("se"),
                '<w:bookmarkStart w:id="1" w:name="x"/>',
                run("quent", "<w:i/>"),
                '<w:bookmarkEnd w:id="1"/>',
                f'<w:smartTag w:uri="u" w:element="e">{run("ly")}</w:smartTag>',
                ".",
            ),
            f'<w:customXml w:uri="u" w:element="e">{para("Wrapped.")}</w:customXml>',
        ),
        one("Consequently.\n\nWrapped."),
    ),
    Specimen(
        "hidden text.docx",
        lambda: word_file(para("Seen", run(" unseen", "<w:vanish/>"), run(" again", '<w:vanish w:val="0"/>'), ".")),
        one("Seen again."),
        [HIDDEN],
    ),
    Specimen(
        "symbols and checkboxes.docx",
        lambda: word_file(
            para(
                control(run("☒"), "<w14:checkbox/>"),
                " Done, at 20",
                '<w:r><w:sym w:font="Symbol" w:char="F0B0"/></w:r>',
                "C.",
            )
        ),
        one("☒ Done, at 20°C."),
    ),
    Specimen(
        "formulas.docx",
        lambda: word_file(
            para("Let ", "<m:oMath><m:r><m:t>x</m:t></m:r><m:r><m:t>=2</m:t></m:r></m:oMath>", " be."),
            para("<m:oMathPara><m:oMath><m:r><m:t>E=mc</m:t></m:r></m:oMath></m:oMathPara>"),
        ),
        one("Let x=2 be.\n\nE=mc"),
    ),
    Specimen(
        "linked picture.docx",
        lambda: word_file(
            para("A picture."),
            links='<Relationship Id="p" Target="http://192.0.2.1/x.png" TargetMode="External" '
            'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"/>',
        ),
        one("A picture."),
        [EXTERNAL],
    ),
    Specimen(
        "main part of another name.docx",
        lambda: word_file(head("Scope"), para("All."), main="document2"),
        [("Scope", 1, "All.")],
    ),
)
