"""Every hostile file of the corpus that costs little, in this process: refused for its reason, or read as if
there were no harm in it. What costs much is in `test_hostile_http` and in ``make quality``."""

from __future__ import annotations

import pytest

from tasks.contract.errors import UnsupportedFormat
from tasks.documents.child import load_parser, parse
from tasks.documents.kinds import check_content
from tasks.documents.refusal import Refused
from tests.corpus.shelf import THREATS
from tests.corpus.specimen import Threat


def outcome_of(threat: Threat) -> str:
    data = threat.make()
    try:
        check_content(data, threat.format)
        parse(data, load_parser(threat.format))
    except UnsupportedFormat:
        return "unsupported"
    except Refused as refused:
        return refused.reason if refused.kind == "unreadable" else refused.kind
    return ""


@pytest.mark.parametrize("threat", [threat for threat in THREATS if not threat.slow], ids=lambda threat: threat.name)
def test_hostile_file_is_refused_for_its_reason_or_read_harmlessly(threat: Threat) -> None:
    assert threat.allows(outcome_of(threat))


def test_corpus_has_a_hundred_hostile_files_and_no_two_of_one_name() -> None:
    assert len({threat.name for threat in THREATS}) == len(THREATS) >= 100
