"""Word files for the corpus, part by part as Word writes them: styles, lists, notes, header, links."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
NAMESPACES = (
    f'xmlns:w="{W}" xmlns:r="{_OFFICE}/relationships" xmlns:m="{_OFFICE}/math" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:w16se="http://schemas.microsoft.com/office/word/2015/wordml/symex" mc:Ignorable="w14 w16se"'
)

_HEADINGS = "".join(
    f'<w:style w:type="paragraph" w:styleId="Heading{n}"><w:name w:val="heading {n}"/><w:basedOn w:val="Normal"/>'
    f'<w:pPr><w:keepNext/><w:outlineLvl w:val="{n - 1}"/></w:pPr><w:rPr><w:b/></w:rPr></w:style>'
    for n in range(1, 7)
)
_STYLES = (
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
    '<w:rPr><w:sz w:val="22"/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Strong"><w:name w:val="Strong"/><w:rPr><w:b/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/><w:rPr><w:u w:val="single"/></w:rPr>'
    '</w:style><w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Subtitle"><w:name w:val="Subtitle"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>'
)


def _level(number: int, kind: str, text: str) -> str:
    return (
        f'<w:lvl w:ilvl="{number}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/>'
        f'<w:pPr><w:ind w:left="{720 * (number + 1)}" w:hanging="360"/></w:pPr></w:lvl>'
    )


_KINDS = [("decimal", "%1."), ("lowerLetter", "%2)"), ("lowerRoman", "%3.")]
_ABSTRACTS = {
    1: "".join(_level(n, "bullet", "•") for n in range(3)),
    2: "".join(_level(n, kind, text) for n, (kind, text) in enumerate(_KINDS)),
    3: "".join(_level(n, "decimal", ".".join(f"%{k + 1}" for k in range(n + 1))) for n in range(3)),
}
BULLETS, NUMBERS, OUTLINE, NUMBERS_AGAIN = 1, 2, 3, 4
"""Lists by their ``numId``; the last one counts like the second but begins anew."""
_LISTS = "".join(
    f'<w:abstractNum w:abstractNumId="{n}"><w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
    for n, levels in _ABSTRACTS.items()
) + "".join(
    f'<w:num w:numId="{number}"><w:abstractNumId w:val="{abstract}"/>{more}</w:num>'
    for number, abstract, more in [
        (BULLETS, 1, ""),
        (NUMBERS, 2, ""),
        (OUTLINE, 3, ""),
        (NUMBERS_AGAIN, 2, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'),
    ]
)


def run(text: str, properties: str = "") -> str:
    """A run of one text, which is XML already."""
    given = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{given}<w:t xml:space="preserve">{text}</w:t></w:r>'


def para(*runs: str, style: str = "", properties: str = "") -> str:
    """A paragraph of runs; a string without a tag is a run of that text."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    content = "".join(part if part.startswith("<") else run(part) for part in runs)
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{content}</w:p>"


def head(text: str, level: int = 1) -> str:
    """A heading in Word's own style."""
    return para(text, style=f"Heading{level}")


def item(text: str, number_id: int = BULLETS, depth: int = 0) -> str:
    """An item of a list."""
    return para(text, properties=f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number_id}"/></w:numPr>')


def cell(content: str, properties: str = "") -> str:
    """A cell; plain text becomes a paragraph."""
    inside = content if content.startswith("<") else para(*([content] if content else []))
    return f'<w:tc><w:tcPr><w:tcW w:w="2000" w:type="dxa"/>{properties}</w:tcPr>{inside}</w:tc>'


def row(*cells: str, properties: str = "") -> str:
    """A row of cells, each plain text or a whole cell."""
    inside = "".join(part if part.startswith("<w:tc>") or part.startswith("<w:sdt>") else cell(part) for part in cells)
    return f"<w:tr>{f'<w:trPr>{properties}</w:trPr>' if properties else ''}{inside}</w:tr>"


def table(*rows: str, columns: int = 2) -> str:
    """A table of rows."""
    grid = '<w:gridCol w:w="2000"/>' * columns
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(rows)}</w:tbl>'
    )


def field(code: str, result: str) -> str:
    """A complex field: its code, and what is shown of it."""
    marks = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")]
    return f'{marks[0]}<w:r><w:instrText xml:space="preserve">{code}</w:instrText></w:r>{marks[1]}{result}{marks[2]}'


def link(text: str) -> str:
    """A hyperlink to somewhere else."""
    shown = run(text, '<w:rStyle w:val="Hyperlink"/>')
    return f'<w:hyperlink r:id="rIdLink" w:history="1">{shown}</w:hyperlink>'


def control(content: str, properties: str = "") -> str:
    """A content control around anything."""
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def tracked(kind: str, content: str, number: int = 90) -> str:
    """A tracked change: ``ins``, ``del``, ``moveFrom`` or ``moveTo``."""
    return f'<w:{kind} w:id="{number}" w:author="Ann" w:date="2024-01-02T03:04:05Z">{content}</w:{kind}>'


def deleted(text: str) -> str:
    """A run inside of a tracked deletion."""
    return f'<w:r><w:delText xml:space="preserve">{text}</w:delText></w:r>'


def box(content: str) -> str:
    """A run with a text box, in the two versions that Word writes."""
    inside = f"<w:txbxContent>{content}</w:txbxContent>"
    shape = f'<wps:wsp><wps:cNvSpPr txBox="1"/><wps:spPr/><wps:txbx>{inside}</wps:txbx><wps:bodyPr/></wps:wsp>'
    drawing = (
        '<w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="1828800" cy="457200"/>'
        '<wp:docPr id="1" name="Box"/><a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/'
        f'wordprocessingShape">{shape}</a:graphicData></a:graphic></wp:inline></w:drawing>'
    )
    old = f'<w:pict><v:shape style="width:144pt;height:36pt"><v:textbox>{inside}</v:textbox></v:shape></w:pict>'
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps">{drawing}</mc:Choice>'
        f"<mc:Fallback>{old}</mc:Fallback></mc:AlternateContent></w:r>"
    )


def note_mark(number: int, kind: str = "footnote") -> str:
    """A run that refers to a note."""
    return f'<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:{kind}Reference w:id="{number}"/></w:r>'


def notes(kind: str, **texts: str) -> bytes:
    """The part of all footnotes or endnotes, by id ``n2``, ``n3`` …, each a text or whole paragraphs."""
    parts = "".join(
        f'<w:{kind} w:id="{name[1:]}">{text if text.startswith("<") else para(text)}</w:{kind}>'
        for name, text in texts.items()
    )
    lines = "".join(
        f'<w:{kind} w:type="{name}" w:id="{number}"><w:p><w:r><w:{name}/></w:r></w:p></w:{kind}>'
        for number, name in ((-1, "separator"), (0, "continuationSeparator"))
    )
    return f"{_HEAD}<w:{kind}s {NAMESPACES}>{lines}{parts}</w:{kind}s>".encode()


def comments(**texts: str) -> bytes:
    """The part of comments that are there already, by id ``n2`` …"""
    parts = "".join(
        f'<w:comment w:id="{name[1:]}" w:author="Ann" w:date="2024-01-02T03:04:05Z" w:initials="A">'
        f"{para(text)}</w:comment>"
        for name, text in texts.items()
    )
    return f"{_HEAD}<w:comments {NAMESPACES}>{parts}</w:comments>".encode()


def word_file(
    *body: str, parts: Mapping[str, bytes] | None = None, styles: str = "", links: str = "", main: str = "document"
) -> bytes:
    """A whole Word file. ``parts`` are further ones of its folder, such as ``footnotes``; ``styles`` and ``links``
    are added to its own; ``main`` names the main part."""
    mine = {
        "styles": f"{_HEAD}<w:styles {NAMESPACES}>{_STYLES}{_HEADINGS}{styles}</w:styles>".encode(),
        "numbering": f"{_HEAD}<w:numbering {NAMESPACES}>{_LISTS}</w:numbering>".encode(),
        "header": f"{_HEAD}<w:hdr {NAMESPACES}>{para('Only in the header')}</w:hdr>".encode(),
        "footer": f"{_HEAD}<w:ftr {NAMESPACES}>{para('Only in the footer')}</w:ftr>".encode(),
        **(parts or {}),
    }
    end = (
        '<w:sectPr><w:headerReference w:type="default" r:id="header"/>'
        '<w:footerReference w:type="default" r:id="footer"/>'
        '<w:pgSz w:w="11906" w:h="16838"/></w:sectPr>'
    )
    document = f"{_HEAD}<w:document {NAMESPACES}><w:body>{''.join(body)}{end}</w:body></w:document>"
    files = {
        "[Content_Types].xml": _types(list(mine), main),
        "_rels/.rels": _links(
            f'<Relationship Id="r1" Type="{_OFFICE}/relationships/officeDocument" Target="word/{main}.xml"/>'
        ),
        f"word/{main}.xml": document.encode(),
        f"word/_rels/{main}.xml.rels": _links(_own_links(list(mine)) + links),
        **{f"word/{name}.xml": content for name, content in mine.items()},
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _types(names: list[str], main: str) -> bytes:
    own = [(main, "document.main"), *((name, name) for name in names)]
    overrides = "".join(f'<Override PartName="/word/{n}.xml" ContentType="{_TYPE}.{kind}+xml"/>' for n, kind in own)
    defaults = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
    )
    return f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">{defaults}{overrides}</Types>'.encode()


def _own_links(names: list[str]) -> str:
    kinds = "".join(f'<Relationship Id="{n}" Type="{_OFFICE}/relationships/{n}" Target="{n}.xml"/>' for n in names)
    return kinds + (
        f'<Relationship Id="rIdLink" Type="{_OFFICE}/relationships/hyperlink" '
        'Target="https://example.org/?a=1&amp;b=2" '
        'TargetMode="External"/>'
    )


def _links(links: str) -> bytes:
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'.encode()
