"""Where a footnote's reference may stand in Markdown source: never inside of code, a link or front matter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from markdown_it import MarkdownIt

from tasks.contract.findings import Finding
from tasks.documents.export_remarks import Remark
from tasks.documents.markdown_reader import FRONT_MATTER
from tasks.documents.text_source import TextSource

_LITERAL_BLOCKS: Final = {"fence", "code_block", "html_block"}
_LITERAL_INLINE: Final = re.compile(
    r"(?<!`)(?P<ticks>`+)(?!`)[^\n]+?(?<!`)(?P=ticks)(?!`)|!?\[[^\]\n]*\]\([^)\n]*\)|<[^>\s][^>\n]*>"
)
_TRAILING: Final = " \t\n|"


_LINE_CHARS: Final = 500
"""How far to look for the ends of code and links on each side: a hostile line may have millions of brackets."""

Stretch = tuple[int, int]


def note_places(source: TextSource, noted: Sequence[tuple[Remark, str]]) -> list[tuple[int, str]]:
    """For each remark with its label the offset in the source and what to put in there, by offset."""
    blocks = list(_literal_blocks(source.text))
    places = [_place(source, remark.finding, label, blocks) for remark, label in noted]
    return sorted(places, key=lambda place: place[0])


def _place(source: TextSource, finding: Finding, label: str, blocks: Sequence[Stretch]) -> tuple[int, str]:
    quoted = source.place_of(finding)
    if quoted is None:
        return _own_paragraph(source.text, source.starts.get(finding.section_id, 0), label, blocks)
    end = _before_trailing(source.text, *quoted)
    if any(first < end <= last for first, last in blocks):
        return _own_paragraph(source.text, end - 1, label, blocks)
    return _behind_inline(source.text, end), label


def _behind_inline(text: str, place: int) -> int:
    """The place, or the end of the code or link that it is in."""
    begin = max(text.rfind("\n", 0, place) + 1, place - _LINE_CHARS)
    found = _LITERAL_INLINE.finditer(text, begin, place + _LINE_CHARS)
    return next((match.end() for match in found if match.start() < place < match.end()), place)


def _before_trailing(text: str, start: int, end: int) -> int:
    """A reference sticks to a word: behind the last bar of a table's row it would not be shown at all."""
    while end > start and text[end - 1] in _TRAILING:
        end -= 1
    return end


def _own_paragraph(text: str, place: int, label: str, blocks: Sequence[Stretch]) -> tuple[int, str]:
    """A paragraph of nothing but the reference, behind the literal block that ``place`` is in."""
    place = next((last for first, last in blocks if first <= place < last), place)
    if place == 0:
        return place, f"{label}\n\n"
    if text[place - 1] == "\n":
        return place, f"\n{label}\n\n"
    # In the middle of a line only where a long paragraph was cut into sections; it must stay one.
    return place, f"{label} " if place < len(text) else f"\n\n{label}\n"


def _literal_blocks(text: str) -> Iterator[Stretch]:
    front = FRONT_MATTER.match(text)
    if front is not None:
        yield front.span()
    offsets = [0, *(match.end() for match in re.finditer("\n", text)), len(text)]
    for token in MarkdownIt("commonmark").disable("inline").parse(text):
        if token.type in _LITERAL_BLOCKS and token.map is not None:
            yield offsets[token.map[0]], offsets[min(token.map[1], len(offsets) - 1)]
