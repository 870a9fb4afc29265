"""Markdown of every kind of block, and in the encodings that editors write."""

from __future__ import annotations

import codecs

from tests.corpus.specimen import Expected, Specimen


def utf8(name: str, text: str, *sections: Expected) -> Specimen:
    """A file of this text in plain UTF-8."""
    return Specimen(name, text.encode, sections)


_GUESSED = "The text is not UTF-8; it was read as cp1252. Check accents and quotation marks."
_SAMPLE = "# Größe\n\nÄpfel und Birnen – „süß“.\n\n## Maß\n\nDrei.\n"
_READ = [("Größe", 1, "Äpfel und Birnen – „süß“."), ("Maß", 2, "Drei.")]

SPECIMENS = (
    utf8(
        "headings of both kinds.md",
        "Lead.\n\n# One\n\na\n\nTwo\n---\n\nb\n\nThree\n=====\nc\n\n###### Six ######\n\n#No heading\n\n\\# nor this\n",
        ("Beginning", 0, "Lead."),
        ("One", 1, "a"),
        ("Two", 2, "b"),
        ("Three", 1, "c"),
        ("Six", 6, "#No heading\n\n\\# nor this"),
    ),
    utf8(
        "setext heading of two lines.md",
        "A heading over\ntwo lines\n===\n\nText.\n\n- - -\n\nMore.\n",
        ("A heading over two lines", 1, "Text.\n\n- - -\n\nMore."),
    ),
    utf8(
        "code that looks like headings.md",
        "# Build\n\n```sh\n# a comment\nmake\n```\n\n~~~\n# tilde\n~~~\n\n    # indented\n\n"
        "````\n```\n# inner\n```\n````\n\n## Run\n\n"
        "`# inline`\n",
        (
            "Build",
            1,
            "```sh\n# a comment\nmake\n```\n\n~~~\n# tilde\n~~~\n\n    # indented\n\n````\n```\n# inner\n```\n````",
        ),
        ("Run", 2, "`# inline`"),
    ),
    utf8(
        "code fence that never ends.md",
        "# A\n\n```\n# B\n\n# C\n",
        ("A", 1, "```\n# B\n\n# C"),
    ),
    utf8(
        "html blocks.md",
        "# A\n\n<div>\n# not this\n</div>\n\n<!-- \n# nor this\n-->\n\n<details>\n\n# But this\n\n</details>\n",
        ("A", 1, "<div>\n# not this\n</div>\n\n<!-- \n# nor this\n-->\n\n<details>"),
        ("But this", 1, "</details>"),
    ),
    utf8(
        "tables.md",
        "# T\n\n| a | b |\n|---|---|\n| 1 | # 2 |\n\na | b\n--- | ---\nx | y\n",
        ("T", 1, "| a | b |\n|---|---|\n| 1 | # 2 |\n\na | b\n--- | ---\nx | y"),
    ),
    utf8(
        "front matter.md",
        "---\ntitle: Report\ntags: [a, b]\n---\n\n# A\n\ntext\n",
        ("Beginning", 0, "---\ntitle: Report\ntags: [a, b]\n---"),
        ("A", 1, "text"),
    ),
    utf8(
        "front matter of another kind.md",
        '+++\ntitle = "Report"\n\n# a comment\n+++\n\n# A\n\ntext\n',
        ("Beginning", 0, '+++\ntitle = "Report"\n\n# a comment\n+++'),
        ("A", 1, "text"),
    ),
    utf8(
        "lists and quotes with headings inside.md",
        "# A\n\n1. one\n   # in a list\n   - two\n     1. three\n\n> # in a quote\n> text\n\n* * *\n\n# B\n",
        ("A", 1, "1. one\n   # in a list\n   - two\n     1. three\n\n> # in a quote\n> text\n\n* * *"),
        ("B", 1, ""),
    ),
    utf8(
        "markup in headings.md",
        '# The *whole* `a_b` [truth](http://x "t") &amp; <b>more</b> ![pic](p.png)\n\n'
        "text[^1]\n\n[^1]: note\n\n[truth]: http://x\n",
        ("The whole a_b truth & <b>more</b> pic", 1, "text[^1]\n\n[^1]: note\n\n[truth]: http://x"),
    ),
    utf8(
        "repeated and empty sections.md",
        "# A\n# B\n\n\n## A\nx\n# A\ny\n",
        *[("A", 1, ""), ("B", 1, ""), ("A", 2, "x"), ("A", 1, "y")],
    ),
    utf8(
        "heading without words.md",
        "#\n\ntext\n\n##   \n\nmore\n\n# A\n\nend\n",
        ("Beginning", 0, "#\n\ntext\n\n##   \n\nmore"),
        ("A", 1, "end"),
    ),
    utf8("no headings.md", "Just *text*.\n\nAnd more.\n", ("Whole document", 0, "Just *text*.\n\nAnd more.")),
    utf8(
        "foreign scripts.md",
        "# 概要\n\n错误。\n\n## الملخص\n\nانخفض عدد.\n\n## סיכום\n\nשלום 👩‍🔬 e\u0301.\n",
        ("概要", 1, "错误。"),
        ("الملخص", 2, "انخفض عدد."),
        ("סיכום", 2, "שלום 👩‍🔬 e\u0301."),
    ),
    utf8(
        "odd white space.md",
        "#\tTabbed\n\ntext  \nhard\\\nbreak\u00a0end\u2028line\x85next\n\n#\u00a0No heading\n\n   # Indented\n\nend",
        ("Tabbed", 1, "text  \nhard\\\nbreak\u00a0end\u2028line\x85next\n\n#\u00a0No heading"),
        ("Indented", 1, "end"),
    ),
    utf8(
        "formulas and notes.md",
        "# M\n\n$$\nx = y\n---\n$$\n\n- [ ] open\n- [x] done\n\nTerm\n: meaning\n",
        ("M", 1, ""),
        ("$$ x = y", 2, "$$\n\n- [ ] open\n- [x] done\n\nTerm\n: meaning"),
    ),
    Specimen("Windows line ends.md", lambda: _SAMPLE.replace("\n", "\r\n").encode(), _READ),
    Specimen("old Mac line ends.md", lambda: _SAMPLE.replace("\n", "\r").encode(), _READ),
    Specimen("byte order mark.md", lambda: codecs.BOM_UTF8 + _SAMPLE.encode(), _READ),
    Specimen("UTF-16.md", lambda: codecs.BOM_UTF16_LE + _SAMPLE.encode("utf-16-le"), _READ),
    Specimen("UTF-16 big-endian.md", lambda: codecs.BOM_UTF16_BE + _SAMPLE.encode("utf-16-be"), _READ),
    Specimen("Windows-1252.md", lambda: _SAMPLE.encode("cp1252"), _READ, [_GUESSED]),
)
