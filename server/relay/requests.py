"""What a client may say, checked before anything is looked up."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from server.ids import check_id
from server.relay.positions import Position
from tasks.contract.errors import BadRequest
from tasks.contract.submissions import Id

KnownId = Annotated[Id, AfterValidator(check_id)]
"""An id that can exist; any other is answered as one that is unknown."""
Number = Annotated[int, Field(strict=True, ge=0, le=2**53)]
"""An epoch or a seq: what a JavaScript number holds exactly."""


class Request(BaseModel):
    """Base of commands. Members that this version does not know are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Watch(Request):
    """Follow one task, from ``(epoch, seq)`` if the client has seen that much."""

    task_id: KnownId
    epoch: Number | None = None
    seq: Number | None = None

    @property
    def position(self) -> Position | None:
        """Where the client stands; None when it knows nothing yet."""
        return None if self.epoch is None or self.seq is None else Position(self.epoch, self.seq)


class Unwatch(Request):
    """Stop following one task."""

    task_id: KnownId


class WatchDocument(Request):
    """Follow all tasks of a document, each from its position in ``positions``."""

    document_id: KnownId
    positions: dict[KnownId, tuple[Number, Number]] = {}

    def position_of(self, task_id: str) -> Position | None:
        """Where the client stands in that task; None when it knows nothing yet."""
        known = self.positions.get(task_id)
        return Position(*known) if known else None


class UnwatchDocument(Request):
    """Stop following a document."""

    document_id: KnownId


R = TypeVar("R", bound=Request)


def parse(model: type[R], payload: Any) -> R:
    """The payload as a command.

    Raises:
        BadRequest: it is not of that form.
        NotFound: it names an id that cannot exist.
    """
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        raise BadRequest(f"{error.error_count()} members are not as expected") from None
