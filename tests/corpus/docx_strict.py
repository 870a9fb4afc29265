"""Word files as Word saves them when it is asked for "Strict Open XML"."""

from __future__ import annotations

import io
import re
import zipfile

from tests.corpus.specimen import Specimen
from tests.corpus.word import cell, head, link, para, row, run, table, word_file

_ADDRESS = re.compile(r"http://schemas\.openxmlformats\.org/(wordprocessingml|officeDocument|drawingml)/2006/")


def strict(data: bytes) -> bytes:
    """The same file of the strict kind."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith((".xml", ".rels")):
                content = _ADDRESS.sub(r"http://purl.oclc.org/ooxml/\1/", content.decode()).encode()
                content = content.replace(b"<w:document ", b'<w:document w:conformance="strict" ', 1)
            target.writestr(name, content)
    return written.getvalue()


def strict_report() -> bytes:
    """With a heading, a link, a table and text with an address in it."""
    body = [
        head("Scope"),
        para(run("It covers "), link("the whole bridge"), run(' and names "http://purl.oclc.org/ooxml/x/" as well.')),
        table(row(cell(para(run("Month"))), cell(para(run("Count"))))),
    ]
    return strict(word_file("".join(body)))


SPECIMENS = (
    Specimen(
        "strict.docx",
        strict_report,
        [
            (
                "Scope",
                1,
                'It covers the whole bridge and names "http://purl.oclc.org/ooxml/x/" as well.\n\nMonth | Count',
            )
        ],
    ),
)
