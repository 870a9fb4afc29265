"""Markdown to drafts: a section's text is its source lines, so that quotes of it can be found again."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tasks.documents.draft import Draft, HeadingLines, Reading, is_title, split_lines, tidy_title
from tasks.documents.text_decoding import decode_text

MAX_SOURCE_CHARS = 2_000
"""A heading's source, links included. Longer lines are text; inline markup can be slow to parse on purpose."""

FRONT_MATTER = re.compile(r"\A(?:---[ \t]*\n.*?\n(?:---|\.\.\.)|\+\+\+[ \t]*\n.*?\n\+\+\+)[ \t]*(?:\n|\Z)", re.S)
"""YAML between dashes or TOML between plus signs."""


def read(data: bytes) -> Reading:
    """A Markdown file's sections.

    Raises:
        Refused: binary data or an unknown encoding.
    """
    text, warnings = decode_text(data)
    return Reading(split_markdown(text), warnings)


def split_markdown(text: str) -> tuple[Draft, ...]:
    """The source cut at its top-level headings (not those inside quotes or lists)."""
    lines = text.split("\n")
    return split_lines(lines, _find_headings(_blank_front_matter(text)))


def _blank_front_matter(text: str) -> str:
    """The text with its front matter as blank lines: a closing rule would make its last line a heading, and so
    would a comment in it."""
    return FRONT_MATTER.sub(lambda match: "\n" * match[0].count("\n"), text, count=1)


def _find_headings(text: str) -> list[HeadingLines]:
    # Block structure is all that is needed; parsing every paragraph's inline markup takes most of the time.
    parser = MarkdownIt("commonmark")
    tokens = parser.disable("inline").parse(text)
    inline = MarkdownIt("commonmark")
    found = (_heading_at(tokens, index, inline) for index in range(len(tokens)))
    return [heading for heading in found if heading is not None]


def _heading_at(tokens: list[Token], index: int, inline: MarkdownIt) -> HeadingLines | None:
    token = tokens[index]
    if token.type != "heading_open" or token.level != 0 or token.map is None:
        return None
    source = tokens[index + 1].content
    if len(source) > MAX_SOURCE_CHARS:
        return None
    title = tidy_title(_plain(inline.parseInline(source)))
    first, end = token.map
    return HeadingLines(title, int(token.tag[1:]), first, end) if is_title(title) else None


def _plain(tokens: list[Token]) -> str:
    """The text of inline tokens without their markup."""
    return "".join(_plain(token.children) if token.children else _plain_of(token) for token in tokens)


def _plain_of(token: Token) -> str:
    return " " if token.type in {"softbreak", "hardbreak"} else token.content
