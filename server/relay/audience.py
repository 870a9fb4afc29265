"""Who watches what in this process. Pure bookkeeping, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from server.relay.link import Link
from server.relay.positions import Cursor
from tasks.contract.names import TaskKind, key


@dataclass(slots=True)
class WatchedTask:
    """One task and the cursors of those who watch it. ``may_wait``: it may stand in line, as far as
    was heard; ``kind`` is None until somebody needed it."""

    cursors: dict[Link, Cursor] = field(default_factory=dict)
    may_wait: bool = False
    kind: TaskKind | None = None


class Audience:
    """All links with what they watch, by task, by document and by channel."""

    def __init__(self) -> None:
        self.links: set[Link] = set()
        self.tasks: dict[str, WatchedTask] = {}
        self.documents: dict[str, set[Link]] = {}
        self.task_of_channel: dict[str, str] = {}
        self.document_of_channel: dict[str, str] = {}
        self._changed_channels: set[str] = set()

    def channels(self) -> set[str]:
        """The channels that somebody here needs."""
        return {*self.task_of_channel, *self.document_of_channel}

    def needs(self, channel: str) -> bool:
        """Whether somebody here needs that channel."""
        return channel in self.task_of_channel or channel in self.document_of_channel

    def take_changed_channels(self) -> set[str]:
        """The channels that began or ceased to be needed since the last time. Comparing all channels
        instead would make each of ten thousand leaving sockets cost as much as all of them."""
        changed, self._changed_channels = self._changed_channels, set()
        return changed

    def _map(self, channels: dict[str, str], channel: str, of: str) -> None:
        channels[channel] = of
        self._changed_channels.add(channel)

    def _unmap(self, channels: dict[str, str], channel: str) -> None:
        del channels[channel]
        self._changed_channels.add(channel)

    def follow(self, link: Link, task_id: str, wanted_by: str) -> Cursor:
        """The link's cursor of the task, a new one if need be."""
        watched = self.tasks.get(task_id)
        if watched is None:
            watched = self.tasks[task_id] = WatchedTask()
            self._map(self.task_of_channel, key("task_channel", task_id), task_id)
        cursor = watched.cursors.setdefault(link, Cursor())
        link.cursors[task_id] = cursor
        cursor.wanted_by.add(wanted_by)
        return cursor

    def leave(self, link: Link, task_id: str, wanted_by: str | None = None) -> None:
        """End one reason to watch, or all of them; the last one ends the watch."""
        cursor = link.cursors.get(task_id)
        if cursor is None:
            return
        cursor.wanted_by.discard(wanted_by or "")
        if cursor.wanted_by and wanted_by is not None:
            return
        cursor.retire()
        del link.cursors[task_id]
        watched = self.tasks[task_id]
        del watched.cursors[link]
        if not watched.cursors:
            del self.tasks[task_id]
            self._unmap(self.task_of_channel, key("task_channel", task_id))

    def follow_document(self, link: Link, document_id: str) -> None:
        """The link wants the document's tasks, those to come included. Not answered yet."""
        link.documents[document_id] = False
        self.documents.setdefault(document_id, set()).add(link)
        self._map(self.document_of_channel, key("document_channel", document_id), document_id)

    def leave_document(self, link: Link, document_id: str) -> None:
        """End that, and the watch of its tasks as far as nothing else wants them."""
        if link.documents.pop(document_id, None) is None:
            return
        for task_id in list(link.cursors):
            if document_id in link.cursors[task_id].wanted_by:
                self.leave(link, task_id, document_id)
        links = self.documents[document_id]
        links.discard(link)
        if not links:
            del self.documents[document_id]
            self._unmap(self.document_of_channel, key("document_channel", document_id))

    def drop(self, link: Link) -> None:
        """The connection is over."""
        self.links.discard(link)
        for document_id in list(link.documents):
            self.leave_document(link, document_id)
        for task_id in list(link.cursors):
            self.leave(link, task_id)

    def watchers(self, task_id: str) -> list[tuple[Link, Cursor]]:
        """Who watches the task, as it is now."""
        watched = self.tasks.get(task_id)
        return list(watched.cursors.items()) if watched else []

    def waiting(self) -> Iterator[tuple[str, WatchedTask]]:
        """Watched tasks that may stand in line."""
        return ((task_id, watched) for task_id, watched in self.tasks.items() if watched.may_wait)

    def queue_watchers(self) -> Iterable[Link]:
        """Links that want the figures of the queue."""
        return [link for link in self.links if link.watches_queue]
