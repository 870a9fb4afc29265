from __future__ import annotations

import pytest

from server.relay.positions import Position
from server.relay.requests import Unwatch, Watch, WatchDocument, parse
from tasks.contract.errors import BadRequest


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "t1",
        {},
        {"task_id": ""},
        {"task_id": 7},
        {"task_id": "x" * 201},
        {"task_id": "t", "epoch": -1, "seq": 0},
        {"task_id": "t", "epoch": 1, "seq": 1.5},
        {"task_id": "t", "epoch": "1", "seq": 1},
        {"task_id": "t", "epoch": 1, "seq": 2**60},
        {"task_id": "t", "epoch": True, "seq": 1},
    ],
)
def test_watch_is_a_bad_request_when_it_is_malformed(payload):
    with pytest.raises(BadRequest):
        parse(Watch, payload)


@pytest.mark.parametrize("positions", [{"t": [1]}, {"t": [1, 2, 3]}, {"t": "12"}, [["t", 1, 2]], {"t": [1, -2]}])
def test_watch_document_is_a_bad_request_when_a_position_is_malformed(positions):
    with pytest.raises(BadRequest):
        parse(WatchDocument, {"document_id": "d", "positions": positions})


def test_position_is_unknown_when_one_of_its_numbers_is_missing():
    assert parse(Watch, {"task_id": "t", "epoch": 1}).position is None
    assert parse(Watch, {"task_id": "t", "epoch": 1, "seq": 0}).position == Position(1, 0)


def test_members_of_later_versions_are_ignored_when_they_come():
    assert parse(Unwatch, {"task_id": "t", "later": 1}).task_id == "t"
