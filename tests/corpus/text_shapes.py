"""Plain text as typewriters, mail programs and old systems write it."""

from __future__ import annotations

import codecs

from tests.corpus.specimen import Expected, Specimen


def utf8(name: str, text: str, *sections: Expected) -> Specimen:
    """A file of this text in plain UTF-8."""
    return Specimen(name, text.encode, sections)


def _read_as(encoding: str) -> list[str]:
    return [f"The text is not UTF-8; it was read as {encoding}. Check accents and quotation marks."]


_FRENCH = "Les élèves étaient déjà là, à côté du château où naquit l'aîné.\nLe café « français » coûtait 3 €.\n"
_JAPANESE = "これは日本語の文章です。文字コードを正しく判定できるかどうかを確かめるために書かれました。\n" * 4
_RUSSIAN = "Это обычный русский текст, который нужен для проверки кодировки. Он довольно короткий.\n" * 3

SPECIMENS = (
    utf8(
        "no headings.txt", "Just a note.\n\nAnd more of it.\n", ("Whole document", 0, "Just a note.\n\nAnd more of it.")
    ),
    utf8(
        "underlined headings.txt",
        "Report\n======\n\nIntro.\n\nDetails\n-------\nText.\n\nMore\n~~~~\n\nEnd.\n",
        ("Report", 1, "Intro."),
        ("Details", 2, "Text."),
        ("More", 2, "End."),
    ),
    utf8(
        "numbered headings.txt",
        "Preface.\n\n1. Scope\n\nText.\n\n1.1 Terms\n\nIn 2 steps\nof 1. Kind.\n\n1.1.2) Deep\n\nx\n\n2 Costs\n\ny\n",
        ("Beginning", 0, "Preface."),
        ("1. Scope", 1, "Text."),
        ("1.1 Terms", 2, "In 2 steps\nof 1. Kind."),
        ("1.1.2) Deep", 3, "x"),
        ("2 Costs", 1, "y"),
    ),
    utf8(
        "chapters and capitals.txt",
        "CHAPTER 1 THE START\n\nIt rained.\n\nChapter 2: The end\n\nIt stopped.\n\nAPPENDIX\n\nNone.\n",
        ("CHAPTER 1 THE START", 1, "It rained."),
        ("Chapter 2: The end", 1, "It stopped."),
        ("APPENDIX", 1, "None."),
    ),
    utf8(
        "roman numbers.txt",
        "I. Introduction\n\nText.\n\nII. Methods\n\nMore.\n\nIV. Results\n\nEnd.\n",
        ("I. Introduction", 1, "Text."),
        ("II. Methods", 1, "More."),
        ("IV. Results", 1, "End."),
    ),
    utf8(
        "list with blank lines is no heading.txt",
        "Bring these:\n\n1. Milk\n\n2. Bread\n\n3. Salt\n\nThank you.\n",
        ("Whole document", 0, "Bring these:\n\n1. Milk\n\n2. Bread\n\n3. Salt\n\nThank you."),
    ),
    utf8(
        "mail with a signature.txt",
        "Hello Ann,\n\n> you wrote this\n> and that\n\nYes.\n\n-- \nBob\nPHONE 123\n",
        ("Whole document", 0, "Hello Ann,\n\n> you wrote this\n> and that\n\nYes.\n\n-- \nBob\nPHONE 123"),
    ),
    utf8(
        "table with rules.txt",
        "Counts by month.\n\nMonth  Count\n-----  -----\nMay    420\nJune   180\n\n+-----+\n| May |\n+-----+\n",
        (
            "Whole document",
            0,
            "Counts by month.\n\nMonth  Count\n-----  -----\nMay    420\nJune   180\n\n+-----+\n| May |\n+-----+",
        ),
    ),
    utf8(
        "repeated titles and empty sections.txt",
        "RESULTS\n\nOne.\n\nRESULTS\n\n\nEMPTY ONE\n\nRESULTS\n\nTwo.\n",
        ("RESULTS", 1, "One."),
        ("RESULTS", 1, ""),
        ("EMPTY ONE", 1, ""),
        ("RESULTS", 1, "Two."),
    ),
    utf8(
        "foreign scripts.txt",
        "1. 概要\n\n错误数量。\n\n2. الملخص\n\nانخفض عدد.\n\n3. Ünïcôde 👩‍🔬\n\ne\u0301 & < >\n",
        ("1. 概要", 1, "错误数量。"),
        ("2. الملخص", 1, "انخفض عدد."),
        ("3. Ünïcôde 👩‍🔬", 1, "e\u0301 & < >"),
    ),
    utf8(
        "Chinese chapters.txt",
        "第一章 总则\n\n内容一。\n\n第二章 附则\n\n内容二。\n",
        ("第一章 总则", 1, "内容一。"),
        ("第二章 附则", 1, "内容二。"),
    ),
    utf8(
        "tabs, form feeds and control characters.txt",
        "a\tb\x07\x0cNew page.\x0bc\u2028d\n",
        ("Whole document", 0, "a\tb\n\nNew page.\n\nc\u2028d"),
    ),
    Specimen("Windows line ends.txt", lambda: b"one\r\ntwo\r\n\r\nthree", [("Whole document", 0, "one\ntwo\n\nthree")]),
    Specimen(
        "mixed line ends.txt", lambda: b"one\r\ntwo\rthree\nfour", [("Whole document", 0, "one\ntwo\nthree\nfour")]
    ),
    Specimen("byte order mark.txt", lambda: codecs.BOM_UTF8 + "Größe".encode(), [("Whole document", 0, "Größe")]),
    Specimen(
        "UTF-16.txt", lambda: codecs.BOM_UTF16_LE + "Größe 😀".encode("utf-16-le"), [("Whole document", 0, "Größe 😀")]
    ),
    Specimen(
        "UTF-16 without mark.txt",
        lambda: "Plain words.\r\n\r\nMore.".encode("utf-16-le"),
        [("Whole document", 0, "Plain words.\n\nMore.")],
    ),
    Specimen(
        "UTF-32.txt", lambda: codecs.BOM_UTF32_BE + "Größe 😀".encode("utf-32-be"), [("Whole document", 0, "Größe 😀")]
    ),
    Specimen(
        "Windows-1252.txt",
        lambda: _FRENCH.encode("cp1252"),
        [("Whole document", 0, _FRENCH.strip())],
        _read_as("cp1252"),
    ),
    Specimen(
        "Latin-1.txt",
        lambda: _FRENCH.replace("€", "F").encode("latin-1"),
        [("Whole document", 0, _FRENCH.strip().replace("€", "F"))],
        _read_as("cp1252"),
    ),
    Specimen(
        "Shift-JIS.txt",
        lambda: _JAPANESE.encode("shift_jis"),
        [("Whole document", 0, _JAPANESE.strip())],
        _read_as("cp932"),
    ),
    Specimen(
        "Windows-1251.txt",
        lambda: _RUSSIAN.encode("cp1251"),
        [("Whole document", 0, _RUSSIAN.strip())],
        _read_as("cp1251"),
    ),
    Specimen("binary.txt", lambda: bytes(range(256)) * 3, refused="encoding"),
    Specimen("nothing but blanks.txt", lambda: b" \n\t\r\n\x0c", refused="empty"),
)
