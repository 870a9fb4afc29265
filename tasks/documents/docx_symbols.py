"""Characters that a Word file does not write as text: letters of symbol fonts, and emoji in Word's own element.

A symbol font numbers its pictures as it likes. Only those that carry meaning in a sentence are known here.
"""

from __future__ import annotations

from typing import Final

from tasks.documents.docx_names import MC, Element, local_name, value_of, w

_PRIVATE: Final = range(0xF000, 0xF100)
"""Where Word puts the numbers of a symbol font."""
_SYMBOL: Final = dict(
    zip(
        (*range(0x41, 0x5B), *range(0x61, 0x7B)),
        "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖαβχδεφγηιϕκλμνοπθρστυϖωξψζ",
        strict=True,
    )
) | {
    **{0xA3: "≤", 0xA5: "∞", 0xAB: "↔", 0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓", 0xB0: "°", 0xB1: "±"},
    **{0xB3: "≥", 0xB4: "×", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBA: "≡", 0xBB: "≈", 0xC5: "⊕", 0xCE: "∈"},
    **{0xD0: "∠", 0xD1: "∇", 0xD5: "∏", 0xD6: "√", 0xDE: "⇒", 0xE5: "∑", 0xF2: "∫"},
}
_WINGDINGS: Final = {0x6F: "☐", 0xA8: "☐", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑", 0xFB: "✗", 0xE0: "→", 0xDF: "←", 0xA7: "•"}
_FONTS: Final[dict[str, dict[int, str]]] = {"symbol": _SYMBOL, "wingdings": _WINGDINGS}


def read_symbol(element: Element) -> str:
    """The character of a ``w:sym``; empty when its font is not known."""
    code = _code(value_of(element, "char"))
    if code in _PRIVATE:
        font = (value_of(element, "font") or "").lower()
        return _FONTS.get(font, {}).get(code - _PRIVATE.start, "")
    return _character(code)


def read_emoji(holder: Element) -> str:
    """The emoji that Word writes as content in two versions; empty when they are something else."""
    chosen = holder.find(f"{MC}Choice")
    if chosen is None or not any(local_name(found) == "symEx" for found in chosen):
        return ""
    fallback = holder.find(f"{MC}Fallback")
    return "" if fallback is None else "".join(text.text or "" for text in fallback.iter(w("t")))


def _code(written: str | None) -> int:
    try:
        return int(written or "", 16)
    except ValueError:
        return 0


def _character(code: int) -> str:
    """A character that may stand in a text: not a control, not half of a pair."""
    return chr(code) if 0x20 <= code < 0xD800 or 0xE000 <= code < 0x110000 else ""
