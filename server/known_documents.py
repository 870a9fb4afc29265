"""Which sections a document has and whose it is, remembered for moments.

A submission must check both, and reading a whole document for it would cost more than the
submission. Documents never change; only a deletion by another process can be seen late, and then
the task says so itself.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from server.ids import check_id
from tasks.contract.errors import NotFound
from tasks.contract.identity import identity_of_document
from tasks.store.ports import DocumentStore

_KEPT_S: Final = 5.0
_KEPT_MAX: Final = 2_000


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """What a submission must know of a document."""

    owner: str
    section_chars: Mapping[str, int]  # section_id -> its length, in the document's order
    identity: str  # of what is sent to have it reviewed
    looked_at: float

    @property
    def chars(self) -> int:
        """The length of the whole."""
        return sum(self.section_chars.values())


class KnownDocuments:
    """Documents by id, as the store had them up to 5 s ago."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store
        self._known: OrderedDict[str, KnownDocument] = OrderedDict()

    async def of(self, owner: str, document_id: str) -> KnownDocument:
        """The owner's document.

        Raises:
            NotFound: unknown, or somebody else's; the two look the same.
        """
        known = self._known.get(document_id)
        if known is None or time.monotonic() - known.looked_at > _KEPT_S:
            known = await self._look_up(document_id)
        if known is None or known.owner != owner:
            raise NotFound
        return known

    def forget(self, document_id: str) -> None:
        """It was deleted here."""
        self._known.pop(document_id, None)

    async def _look_up(self, document_id: str) -> KnownDocument | None:
        document = await self._store.document(check_id(document_id))
        if document is None:
            self.forget(document_id)
            return None
        chars = {s.section_id: s.chars for s in document.sections}
        known = KnownDocument(document.owner, chars, identity_of_document(document), time.monotonic())
        self._known[document_id] = known
        self._known.move_to_end(document_id)
        while len(self._known) > _KEPT_MAX:
            self._known.popitem(last=False)
        return known
