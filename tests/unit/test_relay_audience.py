from __future__ import annotations

import pytest

from server.relay.audience import Audience
from server.relay.bounds import Bounds
from server.relay.direct_outbox import Drains
from server.relay.link import Link
from server.relay.positions import Pace
from tasks.contract.names import key


async def _nothing(*_: object) -> dict:
    return {}


@pytest.fixture
async def links():
    made = [Link(_nothing, _nothing, Bounds(), Drains(), lambda link: None) for _ in range(2)]
    yield made
    for link in made:
        link.end()


async def test_channel_is_needed_as_long_as_somebody_watches_the_task(links):
    audience, channel = Audience(), key("task_channel", "t")
    for link in links:
        audience.follow(link, "t", "t")
    audience.leave(links[0], "t", "t")
    assert audience.channels() == {channel}
    audience.leave(links[1], "t", "t")
    assert audience.channels() == set()


async def test_cursor_is_the_same_when_a_task_is_wanted_for_two_reasons(links):
    audience = Audience()
    assert audience.follow(links[0], "t", "t") is audience.follow(links[0], "t", "d")
    audience.leave(links[0], "t", "d")
    assert "t" in links[0].cursors
    audience.leave(links[0], "t", "t")
    assert "t" not in links[0].cursors


async def test_watch_ends_for_every_reason_when_none_is_named(links):
    audience = Audience()
    audience.follow(links[0], "t", "t")
    audience.follow(links[0], "t", "d")
    audience.leave(links[0], "t")
    assert not audience.tasks


async def test_reading_under_way_is_worthless_when_its_watch_has_ended(links):
    audience = Audience()
    cursor = audience.follow(links[0], "t", "t")
    ticket = cursor.begin_reading()
    audience.leave(links[0], "t", "t")
    assert not cursor.is_current(ticket)
    assert cursor.pace is Pace.UNANSWERED


async def test_document_takes_its_tasks_with_it_when_it_is_left(links):
    audience = Audience()
    audience.follow_document(links[0], "d")
    audience.follow(links[0], "by_document", "d")
    audience.follow(links[0], "by_itself", "by_itself")
    audience.leave_document(links[0], "d")
    assert set(links[0].cursors) == {"by_itself"}
    assert audience.channels() == {key("task_channel", "by_itself")}


async def test_leaving_is_no_error_when_nothing_was_watched(links):
    audience = Audience()
    audience.leave(links[0], "t", "t")
    audience.leave_document(links[0], "d")
    assert not audience.tasks


async def test_nothing_is_left_when_a_link_is_dropped(links):
    audience = Audience()
    audience.links.add(links[0])
    audience.follow_document(links[0], "d")
    audience.follow(links[0], "t", "d")
    audience.follow(links[0], "t", "t")
    audience.drop(links[0])
    assert not audience.links
    assert not audience.tasks
    assert not audience.documents
