"""PDF pages that hide text, and pages that look like it and hide nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import starmap

from tasks.contract.documents import HiddenKind
from tests.corpus.pdf import objects_of, show, stream
from tests.samples.tiny_pdf import PAGE_HEIGHT, PAGE_WIDTH, assemble

SEEN = "The bridge was inspected in May."
_WHITE, _BLACK, _BLUE = b"1 1 1 rg\n", b"0 0 0 rg\n", b"0 0 0.4 rg\n"
_PLACE = (72, 500)
_UNDER = b"70 495 400 16"
"""A box around the place."""


@dataclass(frozen=True)
class Unseen:
    """A file with one page, and how it hides the given text; None: it hides nothing."""

    name: str
    make: Callable[[str], bytes]
    kind: HiddenKind | None

    def __str__(self) -> str:
        return self.name


def _page(content: bytes, *more: bytes) -> bytes:
    return assemble(objects_of([show(SEEN, 72, 760) + content], more=more))


def _text(text: str, size: float = 11, mode: int = 0) -> bytes:
    return show(text, *_PLACE, size, mode=mode)


def _box(colour: bytes, box: bytes = _UNDER) -> bytes:
    return b"q " + colour + box + b" re f Q\n"


def _picture(*, holes: bool = False) -> list[bytes]:
    """A picture of four grey dots, and its mask when it has holes."""
    entries = b"/Type /XObject /Subtype /Image /Width 2 /Height 2 /BitsPerComponent 8 /ColorSpace /DeviceGray"
    # Objects from number 8 are the page's own: the picture is 8, its mask 9.
    mask = [stream(b"\xff\0\0\xff", entries)] if holes else []
    return [stream(b"\x80" * 4, entries + (b" /SMask 9 0 R" if holes else b"")), *mask]


def _shown(width: float, height: float, x: float, y: float) -> bytes:
    return b"q %g 0 0 %g %g %g cm /X0 Do Q\n" % (width, height, x, y)


_WHOLE_PAGE = _shown(PAGE_WIDTH, PAGE_HEIGHT, 0, 0)
_OVER = _shown(480, 30, 60, 490)


def _in_form(text: str) -> bytes:
    entries = (
        b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Matrix [0.5 0 0 0.5 0 0] "
        b"/Resources << /Font << /F1 3 0 R >> >>"
    )
    return _page(b"/X0 Do\n", stream(_text(text, 3), entries))


def _at(text: str, x: float, y: float) -> bytes:
    return _page(show(text, x, y))


_FADED = b"q /G0 gs\n"
_MULTIPLY = b"/ExtGState << /G0 << /BM /Multiply >> /G1 << /ca 0.01 >> >>"


def _with_states(content: bytes) -> bytes:
    return assemble(
        [
            body.replace(b"/Resources <<", b"/Resources << " + _MULTIPLY)
            for body in objects_of([show(SEEN, 72, 760) + content])
        ]
    )


UNSEEN: tuple[Unseen, ...] = tuple(
    starmap(
        Unseen,
        (
            ("white", lambda text: _page(_WHITE + _text(text)), "white"),
            ("nearly white", lambda text: _page(b"0.97 0.98 0.99 rg\n" + _text(text)), "white"),
            ("white grey", lambda text: _page(b"1 g\n" + _text(text)), "white"),
            ("white on a white box", lambda text: _page(_box(_WHITE) + _WHITE + _text(text)), "white"),
            ("tiny", lambda text: _page(_text(text, 1)), "tiny"),
            ("tiny by its matrix", lambda text: _page(b"q 0.1 0 0 0.1 60 400 cm\n" + _text(text) + b"Q\n"), "tiny"),
            ("tiny in a form", _in_form, "tiny"),
            ("without colour", lambda text: _page(_text(text, mode=3)), "invisible"),
            ("transparent", lambda text: _with_states(b"q /G1 gs\n" + _text(text) + b"Q\n"), "invisible"),
            ("above the page", lambda text: _at(text, 72, PAGE_HEIGHT + 20), "outside"),
            ("beside the page", lambda text: _at(text, -900, 400), "outside"),
            ("under a picture", lambda text: _page(_text(text) + _OVER, *_picture()), "covered"),
            ("under a black box", lambda text: _page(_text(text) + _box(_BLACK, b"60 490 480 30")), "covered"),
            ("under a white box", lambda text: _page(_text(text) + _box(_WHITE, b"60 490 480 30")), "covered"),
            # what hides nothing
            ("white on a dark box", lambda text: _page(_box(_BLUE) + _WHITE + _text(text)), None),
            ("white on a picture", lambda text: _page(_OVER + _WHITE + _text(text), *_picture()), None),
            ("read from a scan", lambda text: _page(_WHOLE_PAGE + _text(text, mode=3), *_picture()), None),
            ("read from a scan, below it", lambda text: _page(_text(text) + _WHOLE_PAGE, *_picture()), None),
            ("read from a picture", lambda text: _page(_OVER + _text(text, mode=3), *_picture()), None),
            ("under a stamp with holes", lambda text: _page(_text(text) + _OVER, *_picture(holes=True)), None),
            ("highlighted", lambda text: _with_states(_text(text) + _FADED + b"1 1 0 rg 60 490 480 30 re f Q\n"), None),
            ("framed", lambda text: _page(_text(text) + b"60 490 480 30 re S\n"), None),
            ("beside a box", lambda text: _page(_text(text) + _box(_BLACK, b"60 520 480 30")), None),
            (
                "under a box that is cut off",
                lambda text: _page(_text(text) + b"q 60 520 480 30 re W n 0 g 0 400 595 300 re f Q\n"),
                None,
            ),
            ("outlined", lambda text: _page(_WHITE + _text(text, mode=1)), None),
            ("small print", lambda text: _page(_text(text, 5)), None),
            ("marks for printers", lambda _: _at("report.indd 12", 72, PAGE_HEIGHT + 20), None),
        ),
    )
)
