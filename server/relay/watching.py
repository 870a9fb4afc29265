"""The commands of a client: watch and unwatch, and what each is answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from server.relay.audience import Audience
from server.relay.bounds import Bounds
from server.relay.catch_up import CatchUp
from server.relay.creations import Creations
from server.relay.frames import dump
from server.relay.link import Link
from server.relay.positions import Cursor, Pace, Position, position_after
from server.relay.requests import Unwatch, UnwatchDocument, Watch, WatchDocument, parse
from server.relay.wire import Answer
from tasks.contract.errors import GalleyError, NotFound, TooMany
from tasks.store.ports import Reading, Store

Command = Callable[[Link, Any], Awaitable[Answer]]
DONE: Final = Answer('{"ok":true}')


def refusal(code: str) -> Answer:
    """``{ok: false, code}``."""
    return Answer(refusal_json(code))


def refusal_json(code: str) -> str:
    """The text of a refusal."""
    return f'{{"ok":false,"code":{dump(code)}}}'


@dataclass(frozen=True, slots=True)
class Given:
    """What one task's watch is answered with. ``at`` is where that leaves the client."""

    at: Position
    recovered: bool
    content: str

    def as_json(self) -> str:
        """The interface's spelling."""
        head = f'"ok":true,"epoch":{self.at.epoch},"seq":{self.at.seq}'
        return f'{{{head},"recovered":{dump(self.recovered)},{self.content}}}'


def given_of(reading: Reading, start: Position | None) -> Given:
    """The answer that a reading from ``start`` gives. ``recovered``: it goes on from a known position."""
    at = position_after(reading, start)
    if reading.events is not None:
        return Given(at, start is not None, f'"events":[{",".join(reading.events)}]')
    assert reading.snapshot is not None
    return Given(at, False, f'"snapshot":{reading.snapshot.model_dump_json()}')


class Watching:
    """Begins and ends watches. Every method raises a `GalleyError` for what it refuses."""

    def __init__(
        self,
        store: Store,
        audience: Audience,
        *,
        catch_up: CatchUp,
        creations: Creations,
        bounds: Bounds,
        changed: Callable[[], None],
    ) -> None:
        self._store = store
        self._audience = audience
        self._catch_up = catch_up
        self._creations = creations
        self._bounds = bounds
        self._changed = changed

    def commands(self) -> dict[str, Command]:
        """Every command by the name that it has on the wire."""
        return {
            "watch": self.watch,
            "unwatch": self.unwatch,
            "watch_document": self.watch_document,
            "unwatch_document": self.unwatch_document,
            "watch_queue": self.watch_queue,
            "unwatch_queue": self.unwatch_queue,
        }

    async def watch(self, link: Link, payload: Any) -> Answer:
        """Answer with what the client has missed of the task, then follow it.

        Raises:
            NotFound: the task is unknown or another's.
            TooMany: this socket watches as many as it may.
        """
        asked = parse(Watch, payload)
        if asked.task_id not in link.cursors:
            self._refuse_beyond(len(link.cursors) + 1, self._bounds.tasks_per_socket)
        cursor = self._audience.follow(link, asked.task_id, asked.task_id)
        given = await self._give(link, cursor, asked.task_id, asked.position)
        self._changed()
        return Answer(given.as_json(), partial(self._release, cursor, asked.task_id))

    async def unwatch(self, link: Link, payload: Any) -> Answer:
        """Stop following a task, unless its document is watched too."""
        asked = parse(Unwatch, payload)
        self._audience.leave(link, asked.task_id, asked.task_id)
        self._changed()
        return DONE

    async def watch_document(self, link: Link, payload: Any) -> Answer:
        """Answer with what the client has missed of each of the document's tasks, then follow them
        and those that are created later.

        Raises:
            NotFound: the document is unknown or another's.
            TooMany: this socket watches as many documents or tasks as it may.
        """
        asked = parse(WatchDocument, payload)
        if asked.document_id not in link.documents:
            self._refuse_beyond(len(link.documents) + 1, self._bounds.documents_per_socket)
        document = await self._store.document(asked.document_id)
        if document is None or document.owner != link.owner:
            raise NotFound
        self._audience.follow_document(link, asked.document_id)
        try:
            tasks = [task.task_id for task in await self._store.document_tasks(asked.document_id)]
            self._refuse_beyond(len({*tasks, *link.cursors}), self._bounds.tasks_per_socket)
            given = await self._give_all(link, asked, tasks)
        except GalleyError:
            self._audience.leave_document(link, asked.document_id)
            raise
        self._changed()
        text = f'{{"ok":true,"tasks":{{{",".join(given)}}}}}'
        return Answer(text, partial(self._creations.answered, link, asked.document_id))

    async def unwatch_document(self, link: Link, payload: Any) -> Answer:
        """Stop following a document's tasks, but for those that are watched by themselves."""
        asked = parse(UnwatchDocument, payload)
        self._audience.leave_document(link, asked.document_id)
        self._changed()
        return DONE

    async def watch_queue(self, link: Link, _: Any) -> Answer:
        """Tell the figures of the queue from now on."""
        link.watches_queue, link.shown_stats = True, ""
        return DONE

    async def unwatch_queue(self, link: Link, _: Any) -> Answer:
        """Stop telling them."""
        link.watches_queue = False
        return DONE

    @staticmethod
    def _refuse_beyond(count: int, bound: int) -> None:
        if count > bound:
            raise TooMany(f"One connection may watch {bound} of these at once.")

    async def _give(self, link: Link, cursor: Cursor, task_id: str, start: Position | None) -> Given:
        """Read what the client has missed. Until the answer has left, nothing else is sent."""
        cursor.rewatch(start)
        cursor.shown_place = ""
        try:
            reading = await self._store.read(task_id, start.epoch if start else None, start.seq if start else 0)
            if reading is None or reading.owner != link.owner:
                raise NotFound
        except GalleyError:
            self._audience.leave(link, task_id)
            raise
        given = given_of(reading, start)
        cursor.finish_reading(given.at, reading.more)
        self._catch_up.note_state(task_id, reading.state)
        return given

    def _release(self, cursor: Cursor, task_id: str) -> None:
        cursor.answer()
        if cursor.pace is Pace.BEHIND:
            self._catch_up.mark(task_id)

    async def _give_all(self, link: Link, asked: WatchDocument, tasks: Sequence[str]) -> list[str]:
        """The answers of all tasks as members of a JSON object, as far as one answer can carry them."""
        parts = [f"{dump(task_id)}:{refusal_json(NotFound.code)}" for task_id in asked.positions.keys() - set(tasks)]
        size = 0
        for task_id in tasks:
            cursor = self._audience.follow(link, task_id, asked.document_id)
            start = asked.position_of(task_id)
            if size < self._bounds.answer_bytes:
                text = await self._member(link, cursor, task_id, start)
            else:
                text = self._later(cursor, start)
            size += len(text)
            parts.append(f"{dump(task_id)}:{text}")
        return parts

    async def _member(self, link: Link, cursor: Cursor, task_id: str, start: Position | None) -> str:
        try:
            return (await self._give(link, cursor, task_id, start)).as_json()
        except NotFound:
            return refusal_json(NotFound.code)  # deleted since it was listed

    @staticmethod
    def _later(cursor: Cursor, start: Position | None) -> str:
        """No room left in the answer: leave the client where it is; the events follow it."""
        cursor.rewatch(start)
        cursor.shown_place = ""
        return Given(start or Position(0, 0), start is not None, '"events":[]').as_json()
