"""PDF pages with columns whose rows were drawn across, and tables that look like them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from tests.corpus.specimen import Specimen
from tests.samples.tiny_pdf import PdfLine, write_pdf

_FIRST = """
The pumps were switched off at noon and
the basin was drained over the next
two days. Nobody had expected that the
walls would show so many cracks below
the water line, and the repair took
longer than planned.
"""
_SECOND = """
In the second week the new valves were
fitted and tested. They held a pressure
of ten bar for three hours without
any loss. The supplier confirmed the
result in writing, and the basin was
filled again on Friday.
"""
_NARROW = (
    "The pumps were off\nand nobody knew why\nthe basin was full,\nor who had filled it\nin the first place.",
    "In the second week\nthe valves came and\nwere fitted by hand,\nwhich took the team\na whole long day.",
    "On Friday the water\nwas let in again and\nall of the cracks in\nthe walls had gone,\nmuch to our relief.",
)
_STEP = 14


def _lines(text: str) -> list[str]:
    return text.strip().splitlines()


def _joined(text: str) -> str:
    return " ".join(_lines(text))


def _across(columns: Sequence[Sequence[str]], lefts: Sequence[float], top: float) -> list[PdfLine]:
    """The columns row by row."""
    rows = zip_longest(*columns, fillvalue="")
    cells = ((n, x, text) for n, row in enumerate(rows) for x, text in zip(lefts, row, strict=True))
    return [PdfLine(text, top - _STEP * n, x=x) for n, x, text in cells if text]


def _in_turn(columns: Sequence[Sequence[str]], lefts: Sequence[float], top: float) -> list[PdfLine]:
    """The columns row by row, the right one lower by most of a line."""
    return [replace(line, y=line.y - 10 * (line.x > lefts[0])) for line in _across(columns, lefts, top)]


_TITLE = PdfLine("The basin", 790, 20, x=50)
_TWO = [_lines(_FIRST), _lines(_SECOND)]
_BETWEEN = "This line runs over both of the columns, from the left edge of the page to the right one."
_CELLS = [
    [f"{who} of the northern district" for who in ("Head", "Clerk", "Driver", "Engineer", "Gardener", "Nurse")],
    [f"{what} in the old building" for what in ("Office", "Desk", "Garage", "Workshop", "Garden", "Ward")],
]

SPECIMENS = (
    Specimen(
        "columns row by row.pdf",
        lambda: write_pdf([[_TITLE, *_across(_TWO, (50, 310), 740)]]),
        [("The basin", 1, f"{_joined(_FIRST)}\n\n{_joined(_SECOND)}")],
    ),
    Specimen(
        "columns row by row, one longer.pdf",
        lambda: write_pdf([[_TITLE, *_across([_TWO[0] + _TWO[1], _TWO[0]], (50, 310), 740)]]),
        [("The basin", 1, f"{_joined(_FIRST)}\n{_joined(_SECOND)}\n\n{_joined(_FIRST)}")],
    ),
    Specimen(
        "columns row by row around a line.pdf",
        lambda: write_pdf(
            [
                [
                    _TITLE,
                    *_across(_TWO, (50, 310), 740),
                    PdfLine(_BETWEEN, 620, x=50),
                    *_across(_TWO[::-1], (50, 310), 580),
                ]
            ]
        ),
        [
            (
                "The basin",
                1,
                f"{_joined(_FIRST)}\n\n{_joined(_SECOND)}\n\n{_BETWEEN}\n\n{_joined(_SECOND)}\n\n{_joined(_FIRST)}",
            )
        ],
    ),
    Specimen(
        "columns in turn, not level.pdf",
        lambda: write_pdf([[_TITLE, *_in_turn(_TWO, (50, 310), 740)]]),
        [("The basin", 1, f"{_joined(_FIRST)}\n\n{_joined(_SECOND)}")],
    ),
    Specimen(
        "three columns row by row.pdf",
        lambda: write_pdf([[_TITLE, *_across([_lines(text) for text in _NARROW], (50, 220, 390), 740)]]),
        [("The basin", 1, "\n\n".join(map(_joined, _NARROW)))],
    ),
    Specimen(
        "table of long cells.pdf",
        lambda: write_pdf([[_TITLE, *_across(_CELLS, (50, 310), 740)]]),
        [("The basin", 1, " ".join(f"{who} {what}" for who, what in zip(*_CELLS, strict=True)))],
    ),
)
