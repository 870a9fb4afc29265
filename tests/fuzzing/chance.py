"""Choices that all follow from one number, and the values that programs stumble over."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

Choice = TypeVar("Choice")

NASTY_NUMBERS: Final = (
    "0",
    "-1",
    "1",
    "9",
    "255",
    "65536",
    "2147483647",
    "-2147483648",
    "99999999999999999999",
    "1e9",
    "",
)
NASTY_TEXTS: Final = (
    *(
        "",
        " ",
        "\n",
        "\t",
        "\u00a0",
        "\u00ad",
        "\u200b",
        "\u202e",
        "\ufeff",
        "\ufffd",
        "\ue000",
        "e\u0301",
        "👩‍🔬",
        "𝒜",
        "ß",
    ),
    *(
        "ﬁ",
        "漢",
        "ع",
        "x" * 5_000,
        "& < > \" '",
        "]]>",
        "%s%n",
        "..",
        "../../x",
        "{0}",
        "\\",
        "1. ",
        "# ",
        "---",
        "```",
        "| a",
    ),
)


class Chance(random.Random):
    """A source of choices."""

    def one_of(self, choices: Sequence[Choice]) -> Choice:
        """Any of them."""
        return choices[self.randrange(len(choices))]

    def odds(self, share: float) -> bool:
        """True in that share of cases."""
        return self.random() < share

    def times(self, most: int) -> range:
        """Once, rarely more."""
        return range(min(most, 1 + int(self.expovariate(0.7))))

    def damage(self, data: bytes) -> bytes:
        """Bytes flipped, dropped, doubled or put in."""
        changed = bytearray(data)
        for _ in self.times(8):
            place = self.randrange(len(changed) + 1)
            length = min(self.randint(1, 40), len(changed) - place)
            ways: tuple[Callable[[], bytes], ...] = (
                lambda: b"",
                lambda p=place, n=length: bytes(changed[p : p + n]) * 2,  # type: ignore[misc]
                lambda n=length: self.randbytes(n),  # type: ignore[misc]
                lambda: self.one_of(NASTY_TEXTS).encode(),
                lambda: bytes([self.one_of((0, 0xFF, 0xFE, 0x80, 0x0D, 0x0A, 0x3C, 0x26))]),
            )
            changed[place : place + length] = self.one_of(ways)()
        return bytes(changed)
