"""Whose turn it is, without a store."""

from __future__ import annotations

from hypothesis import given, strategies as st

from tasks.contract.names import TaskKind
from tasks.store.turns import OwnerLine, Party, Turns, order_of_admission, place_in_line

ANALYSIS = TaskKind.ANALYSIS


@given(st.lists(st.lists(st.floats(1, 1e5), max_size=12), max_size=8), st.integers(1, 60))
def test_order_of_admission_serves_everyone_and_nobody_far_ahead(costs: list[list[float]], count: int) -> None:
    lines = [OwnerLine(0.0, [(f"{o}.{n}", cost) for n, cost in enumerate(line)]) for o, line in enumerate(costs)]
    order = [task_id for task_id, _ in order_of_admission(lines, count)]
    assert len(order) == min(count, sum(map(len, costs)))
    assert len(set(order)) == len(order)
    served = [0.0] * len(costs)
    for task_id in order:
        owner, number = map(int, task_id.split("."))
        waiting = [o for o, line in enumerate(costs) if any(f"{o}.{n}" not in order for n in range(len(line)))]
        assert all(served[owner] <= served[other] + 1e-6 for other in waiting), "the lowest counter goes first"
        served[owner] += costs[owner][number]


def test_order_of_admission_ends_where_a_lines_continuation_is_not_known() -> None:
    lines = [OwnerLine(0.0, [("a1", 1.0)], whole=False), OwnerLine(0.5, [("b1", 9.0), ("b2", 9.0)])]
    assert [task_id for task_id, _ in order_of_admission(lines, 10)] == ["a1"]


def test_latest_place_counts_everybody_who_waits_as_going_on() -> None:
    flood = OwnerLine(0.0, [(f"f{n}", 10.0) for n in range(4)])
    light = [OwnerLine(0.1, [("a", 10.0)]), OwnerLine(0.2, [("b", 10.0)])]
    order = order_of_admission([flood, *light], 10)
    assert order == (("f0", 1), ("a", 2), ("b", 3), ("f1", 4), ("f2", 7), ("f3", 10))


def test_place_in_line_is_exact_for_one_owner_and_for_heads() -> None:
    assert [place_in_line(own, [(1, 0)], 9) for own in range(3)] == [1, 2, 3]
    assert [place_in_line(0, [(4, rank)], 9) for rank in range(4)] == [1, 2, 3, 4]
    assert place_in_line(50, [(4, 1)], 60) == 60
    assert [place_in_line(0, [(3, rank), (2, 1)], 9) for rank in range(3)] == [2, 4, 6], (
        "a group's owners share its turns"
    )


@given(
    st.lists(
        st.tuples(st.sampled_from(["", "@x", "@y"]), st.lists(st.floats(1, 1e4), min_size=1, max_size=8)), max_size=8
    ),
    st.integers(1, 60),
)
def test_order_of_admission_is_what_serving_one_after_the_other_gives(
    given_lines: list[tuple[str, list[float]]], count: int
) -> None:
    turns, lines = Turns(), {}
    for number, (group, costs) in enumerate(given_lines):
        party = Party(group, f"o{number}")
        turns.join(ANALYSIS, party, number, now=0)
        lines[party] = [(f"{number}.{n}", cost) for n, cost in enumerate(costs)]
    told = order_of_admission(
        [
            OwnerLine(turns.score(ANALYSIS, party)[0], lines[party], True, party.group, turns.score(ANALYSIS, party)[1])
            for party in turns.in_turn(ANALYSIS)
        ],
        count,
    )
    served = []
    while len(served) < count and (party := next(turns.in_turn(ANALYSIS), None)) is not None:
        task_id, cost = lines[party].pop(0)
        served.append(task_id)
        if not lines[party]:
            turns.leave(ANALYSIS, party)
        turns.serve(party, cost, now=0)
    assert [task_id for task_id, _ in told] == served
    assert all(latest >= place for place, (_, latest) in enumerate(told, start=1))


def test_levels_that_nobody_uses_are_forgotten() -> None:
    turns, party = Turns(), Party("@x", "ann")
    turns.join(ANALYSIS, party, 1, now=5)
    turns.forget(before=10)
    assert "@x" in turns.levels, "somebody waits there"
    turns.leave(ANALYSIS, party)
    turns.forget(before=5)
    assert "@x" in turns.levels
    turns.forget(before=6)
    assert "@x" not in turns.levels
