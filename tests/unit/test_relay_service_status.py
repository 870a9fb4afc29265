from __future__ import annotations

import pytest

from server.relay.frames import service_status_frame
from server.relay.service_status import Presence


@pytest.mark.parametrize(
    ("answers", "away"),
    [("", False), ("y", False), ("n", False), ("nn", True), ("nnn", True), ("nyn", False), ("nny", False)],
)
def test_store_counts_as_away_when_it_failed_to_answer_twice_in_a_row(answers: str, away: bool) -> None:
    presence = Presence()
    for answer in answers:
        presence.note(answered=answer == "y")
    assert presence.away is away


def test_frame_says_whether_the_store_is_there() -> None:
    assert service_status_frame("away").text == '42["service_status",{"store":"away"}]'
