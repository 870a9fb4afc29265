"""A Word file with everything that an export must not harm, written part by part as Word writes it."""

from __future__ import annotations

import struct
import zlib

from tests.samples.hostile import W, zip_of

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_NAMESPACES = (
    f'xmlns:w="{W}" xmlns:r="{_OFFICE}" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="w14"'
    ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" xmlns:v="urn:schemas-microsoft-com:vml"'
)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_EXTENDED = "http://schemas.microsoft.com/office/2011/relationships/commentsExtended"


def run(text: str, properties: str = "") -> str:
    """A run of one text."""
    given = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r w:rsidR="00A1B2C3">{given}<w:t xml:space="preserve">{text}</w:t></w:r>'


def heading(text: str) -> str:
    """A heading of level 1."""
    return f'<w:p><w:pPr><w:pStyle w:val="berschrift1"/></w:pPr>{run(text)}</w:p>'


def _field(mark: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{mark}"/></w:r>'


def _cell(content: str) -> str:
    return f'<w:tc><w:tcPr><w:tcW w:w="2000" w:type="dxa"/></w:tcPr><w:p>{content}</w:p></w:tc>'


_TRACKED = (
    f'<w:p w14:paraId="11111111">{run("Errors ")}<w:ins w:id="31" w:author="Ann" w:date="2024-01-02T03:04:05Z">'
    f'{run("fell sharply in May")}</w:ins><w:del w:id="32" w:author="Ann" w:date="2024-01-02T03:04:05Z"><w:r>'
    f'<w:delText xml:space="preserve"> rose</w:delText></w:r></w:del>{run(" from 420 to ", "<w:b/>")}'
    f'<w:r><w:rPr><w:i/></w:rPr><w:t>180</w:t><w:tab/><w:t>(see</w:t><w:br/><w:t xml:space="preserve">below).</w:t>'
    "</w:r></w:p>"
)
_FIELD_CODE = '<w:r><w:instrText xml:space="preserve"> REF x \\h </w:instrText></w:r>'
_LINK = run("the whole report", '<w:rStyle w:val="Hyperlink"/>')
_LINKED = (
    f'<w:p><w:commentRangeStart w:id="7"/>{run("Read ")}<w:hyperlink r:id="rId9" w:history="1">{_LINK}</w:hyperlink>'
    f'{run(" first.")}<w:commentRangeEnd w:id="7"/><w:r><w:commentReference w:id="7"/></w:r>'
    f'<w:bookmarkStart w:id="1" w:name="here"/>{_field("begin")}{_FIELD_CODE}{_field("separate")}'
    f'{run(" Table 2 shows it")}{_field("end")}<w:bookmarkEnd w:id="1"/></w:p>'
)
_LIST = "".join(
    f'<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="3"/></w:numPr></w:pPr>{run(text)}</w:p>'
    for text in ("Measure twice.", "Cut once.")
)
_TABLE = (
    '<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w="2000"/><w:gridCol w:w="2000"/></w:tblGrid>'
    f"<w:tr>{_cell(run('Month'))}{_cell(run('Count'))}</w:tr><w:tr>{_cell(run('May'))}{_cell(run('420'))}</w:tr></w:tbl>"
)
_NOTED = (
    f'<w:p>{run("The claim is bold")}<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
    f'<w:footnoteReference w:id="2"/></w:r>{run(" and short.")}</w:p>'
)
_BOX = f"<w:txbxContent><w:p>{run('Words in a box.')}</w:p></w:txbxContent>"
_BOXED = (
    f'<w:p>{run("Around the box.")}<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>{_BOX}</w:drawing>'
    f"</mc:Choice><mc:Fallback><w:pict><v:textbox>{_BOX}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    '<w:r><w:drawing><a:blip xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" r:embed="rId8"/>'
    "</w:drawing></w:r></w:p>"
)
_FOREIGN = (
    f"<w:p><w:pPr><w:bidi/></w:pPr>{run('انخفض عدد الأخطاء كثيرا', '<w:rtl/>')}</w:p>"
    f"<w:p>{run('错误数量大幅下降了。')}{run('Grüße 👩‍🔬 an 𝒜lle, naïve.')}</w:p>"
)
_WRAPPED = f"<w:sdt><w:sdtPr/><w:sdtContent><w:p>{run('Inside of a content control.')}</w:p></w:sdtContent></w:sdt>"
_FORMULA = "<w:p><m:oMath><m:r><m:t>x+y</m:t></m:r></m:oMath></w:p>"

BODY = (
    heading("Summary")
    + _TRACKED
    + _LINKED
    + _LIST
    + heading("Details")
    + _TABLE
    + _NOTED
    + _BOXED
    + heading("Words")
    + _FOREIGN
    + _WRAPPED
    + _FORMULA
    + '<w:sectPr><w:headerReference w:type="default" r:id="rId7"/><w:pgSz w:w="11906" w:h="16838"/></w:sectPr>'
)
COMMENTS = (
    f'{_HEAD}<w:comments {_NAMESPACES}><w:comment w:id="7" w:author="Ann" w:date="2024-01-02T03:04:05Z" w:initials="A">'
    f'<w:p w14:paraId="22222222">{run("Really?")}</w:p></w:comment></w:comments>'
)
_STYLES = (
    f'{_HEAD}<w:styles {_NAMESPACES}><w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/>'
    '</w:style><w:style w:type="character" w:styleId="Kommentarzeichen"><w:name w:val="annotation reference"/>'
    '</w:style><w:style w:type="paragraph" w:styleId="Kommentartext">'
    '<w:name w:val="annotation text"/></w:style></w:styles>'
)
_NUMBERING = (
    f'{_HEAD}<w:numbering {_NAMESPACES}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
    '<w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl></w:abstractNum><w:num w:numId="3">'
    '<w:abstractNumId w:val="0"/></w:num></w:numbering>'
)
_FOOTNOTES = (
    f'{_HEAD}<w:footnotes {_NAMESPACES}><w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote>'
    f'<w:footnote w:id="2"><w:p>{run("A doubtful source.")}</w:p></w:footnote></w:footnotes>'
)
_KINDS = ("styles", "numbering", "footnotes", "comments")


def _types(with_comments: bool) -> str:
    names = [name for name in _KINDS if with_comments or name != "comments"]
    overrides = "".join(f'<Override PartName="/word/{n}.xml" ContentType="{_WORD}.{n}+xml"/>' for n in names)
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="png" ContentType="image/png"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_WORD}.document.main+xml"/>'
        f'<Override PartName="/word/header1.xml" ContentType="{_WORD}.header+xml"/>{overrides}</Types>'
    )


def _links(with_comments: bool) -> str:
    named = [(name, f"{_OFFICE}/{name}", f"{name}.xml") for name in _KINDS if with_comments or name != "comments"]
    named += [("rId7", f"{_OFFICE}/header", "header1.xml"), ("rId8", f"{_OFFICE}/image", "media/image1.png")]
    if with_comments:
        named.append(("rId1", _EXTENDED, "commentsExtended.xml"))
    links = "".join(f'<Relationship Id="{i}" Type="{kind}" Target="{target}"/>' for i, kind, target in named)
    away = f'<Relationship Id="rId9" Type="{_OFFICE}/hyperlink" Target="https://example.org/" TargetMode="External"/>'
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{links}{away}</Relationships>'


def _png() -> bytes:
    size = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", size), (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b"")]
    written = (struct.pack(">I", len(d)) + kind + d + struct.pack(">I", zlib.crc32(kind + d)) for kind, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def rich_docx(*, with_comments: bool = True) -> bytes:
    """The file, with a comment of somebody's own (id 7) or without a comments part."""
    parts = {
        "[Content_Types].xml": _types(with_comments),
        "word/document.xml": f"{_HEAD}<w:document {_NAMESPACES}><w:body>{BODY}</w:body></w:document>",
        "word/_rels/document.xml.rels": _links(with_comments),
        "word/styles.xml": _STYLES,
        "word/numbering.xml": _NUMBERING,
        "word/footnotes.xml": _FOOTNOTES,
        "word/header1.xml": f"{_HEAD}<w:hdr {_NAMESPACES}><w:p>{run('Kept private')}</w:p></w:hdr>",
    }
    if with_comments:
        extended = f'{_HEAD}<w15:commentsEx xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"/>'
        parts |= {"word/comments.xml": COMMENTS, "word/commentsExtended.xml": extended}
    return zip_of({name: text.encode() for name, text in parts.items()} | {"word/media/image1.png": _png()})
