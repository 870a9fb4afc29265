"""Texts that mean harm to whoever parses them."""

from __future__ import annotations

import codecs

from tests.corpus.specimen import Threat

MEGABYTE = 1024**2

THREATS = (
    Threat("null bytes.txt", lambda: b"text\0text", "encoding"),
    Threat("half of a pair.txt", lambda: codecs.BOM_UTF16_LE + b"\x00\xd8a\x00", "encoding"),
    Threat("letters too long.txt", lambda: b"\xc0\xaf\xe0\x80\xaf\xed\xa0\x80", "any"),
    Threat("noise.txt", lambda: bytes(byte for byte in range(1, 256)) * 40_000, "any"),
    Threat("one line of twenty megabytes.txt", lambda: b"x" * 19 * MEGABYTE, "any", slow=True),
    Threat("twenty megabytes of line ends.txt", lambda: b"a" + b"\n" * 19 * MEGABYTE, "any", slow=True),
    Threat("a million headings.txt", lambda: b"1. A\n\n" * MEGABYTE, "any", slow=True),
    Threat("a million marks on one letter.txt", ("a" + "\u0301" * MEGABYTE).encode),
    Threat("quotes without end.txt", lambda: b"." + b'"' * MEGABYTE),
    Threat("picture.txt", lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "encoding"),
    Threat("PDF.md", lambda: b"%PDF-1.4\n# Title", "unsupported"),
    Threat("archive.md", lambda: b"PK\x03\x04 and more", "unsupported"),
    Threat("script.md", lambda: b"# A\n\n<script>alert(1)</script>\n\n![x](http://192.0.2.1/x.png)\n"),
    Threat("quotes in quotes.md", lambda: b">" * 50_000 + b" x\n", "any"),
    Threat("lists in lists.md", lambda: b"".join(b" " * 2 * n + b"- x\n" for n in range(1_500)), "any", slow=True),
    Threat("brackets in brackets.md", lambda: b"# " + b"[" * MEGABYTE + b"\n\ntext"),
    Threat("brackets in a title.md", lambda: b"# " + b"![](" * 450 + b"\n\ntext"),
    Threat("stars.md", lambda: b"# " + b"*a_ " * 450 + b"\n\n" + b"**" * MEGABYTE),
    Threat("ticks.md", lambda: b"# A\n\n" + b"".join(b"`" * n + b" " for n in range(1, 1_500))),
    Threat("open fences.md", lambda: b"# A\n\n" + b"```\n~~~\n" * 100_000, "any", slow=True),
    Threat("front matter that never ends.md", lambda: b"---\n" + b"a: b\n" * 200_000, "any", slow=True),
    Threat("definitions.md", lambda: b"".join(b"[a%d]: http://x\n" % n for n in range(100_000)), "any", slow=True),
    Threat("half a table.md", lambda: b"|" * MEGABYTE + b"\n" + b"-|" * MEGABYTE, "any"),
    Threat("comment without end.md", lambda: b"<!--\n" * 200_000, "any", slow=True),
    Threat("entities.md", lambda: b"# " + b"&amp;&#x41;&#999999999;&#0;" * 70 + b"\n\ntext"),
)
