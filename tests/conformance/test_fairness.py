"""Who goes next, and who is told what place."""

from __future__ import annotations

import random

import pytest
from conformance.cell import Cell
from conformance.lives import say

from tasks.contract.events import TaskSucceeded
from tasks.contract.limits import Spent
from tasks.contract.names import TaskKind
from tasks.store.admission import FEW_CALLS
from tasks.store.ports import NothingAdmitted, Store

ANALYSIS = TaskKind.ANALYSIS
GROUPS = {"d": "@x", "e": "@x", "f": "@x", "g": "@y"}


async def _admitted(store: Store) -> list[str]:
    """All that is admitted now, in order."""
    found = []
    while not isinstance(answer := await store.admit(), NothingAdmitted):
        found.append(answer.task_id)
    return found


async def _learn(cell: Cell, store: Store) -> None:
    """Let calls tell that they take little, or one costly call would be taken for a usual one."""
    for _ in range(2 * FEW_CALLS):
        task_id = await cell.submit(owner="zoe")
        _, _, token = await cell.run()
        await say(cell, task_id, 1, TaskSucceeded(result={}))
        await store.release(task_id, token, spent=Spent("m", input_tokens=500, output_tokens=100))


async def test_flooding_owner_does_not_hold_up_another(cell: Cell, store: Store) -> None:
    flood = [await cell.submit() for _ in range(6)]
    light = [await cell.submit(owner="bob") for _ in range(2)]
    assert await store.position(light[0], ANALYSIS) == 2
    await cell.announce(slots=20)
    assert await _admitted(store) == [flood[0], light[0], flood[1], light[1], *flood[2:]]


async def test_long_tasks_count_for_more_than_short_ones(cell: Cell, store: Store) -> None:
    long = [await cell.submit(input_chars=100_000) for _ in range(3)]
    short = [await cell.submit(owner="bob", input_chars=1_000) for _ in range(3)]
    await cell.announce(slots=20)
    assert await _admitted(store) == [long[0], *short, *long[1:]]


async def test_owner_who_was_away_saves_up_no_turns(cell: Cell, store: Store) -> None:
    await cell.announce(slots=100)
    for _ in range(10):
        await cell.submit()
    await _admitted(store)
    busy = [await cell.submit() for _ in range(3)]
    back = [await cell.submit(owner="bob") for _ in range(3)]
    order = await _admitted(store)
    assert [task in busy for task in order].count(True) == 3
    assert order.index(busy[0]) < order.index(back[2]), "bob gets his share, not the past's"


async def test_what_was_really_used_is_what_the_owner_pays(cell: Cell, store: Store) -> None:
    await cell.announce(slots=100)
    await _learn(cell, store)
    first = await cell.submit()
    _, _, token = await cell.run()
    await say(cell, first, 1, TaskSucceeded(result={}))
    await store.release(first, token, spent=Spent("m", input_tokens=1_000_000, output_tokens=100_000))
    other = await cell.submit(owner="bob")
    await cell.run()
    mine = [await cell.submit() for _ in range(2)]
    bobs = [await cell.submit(owner="bob") for _ in range(4)]
    assert await _admitted(store) == [*bobs, *mine]
    assert other not in bobs


async def test_task_that_was_put_back_costs_its_owner_nothing(cell: Cell, store: Store) -> None:
    await cell.announce(slots=100)
    mine = [await cell.submit(), await cell.submit()]
    bobs = [await cell.submit(owner="bob")]
    _, _, token = await cell.run()
    await store.put_back(mine[0], 1, token, reason="rate_limited")
    assert await _admitted(store) == [mine[0], bobs[0], mine[1]]


@pytest.mark.parametrize("seed", range(12))
async def test_places_told_are_the_order_in_which_tasks_are_admitted(cell: Cell, store: Store, seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(draw.randint(1, 40)):
        owner, priority = draw.choice("abcdefg"), draw.choice((0, 0, 0, 5))
        who = {"owner": owner, "group": GROUPS.get(owner, ""), "weight": 3 if owner == "a" else 1}
        await cell.submit(**who, priority=priority, input_chars=draw.randint(0, 20_000))
    standing = await store.waiting(ANALYSIS, 500)
    told = tuple(task_id for task_id, _ in standing)
    assert all(latest >= place for place, (_, latest) in enumerate(standing, start=1))
    assert len(told) == (await store.stats()).kinds[ANALYSIS].waiting
    assert [task_id for task_id, _ in await store.waiting(ANALYSIS, 3)] == list(told[:3])
    assert await store.position(told[0], ANALYSIS) == 1
    for task_id in told:
        place = await store.position(task_id, ANALYSIS)
        assert place is not None
        assert 1 <= place <= len(told)
    await cell.announce(slots=100)
    assert tuple(await _admitted(store)) == told


async def test_places_of_a_single_owner_are_exact(cell: Cell, store: Store) -> None:
    tasks = [await cell.submit() for _ in range(5)]
    assert [await store.position(task_id, ANALYSIS) for task_id in tasks] == [1, 2, 3, 4, 5]


async def test_newcomer_is_not_behind_those_who_got_back_what_was_estimated_too_high(cell: Cell, store: Store) -> None:
    await cell.announce(slots=100)
    for owner in ("ann", "bob", "cid"):
        task_id = await cell.submit(owner=owner, input_chars=100_000)
        _, _, token = await cell.run()
        await cell.submit(owner=owner, input_chars=100_000)
        await cell.submit(owner=owner, input_chars=100_000)
        await cell.run()  # paid for at once: what was served last is high
        await say(cell, task_id, 1, TaskSucceeded(result={}))
        await store.release(task_id, token, spent=Spent("m", input_tokens=10, output_tokens=1))
    newcomer = await cell.submit(owner="eve")
    place = await store.position(newcomer, ANALYSIS)
    assert place is not None
    assert place <= 2, "at most behind the one who has consumed as little"


async def test_flood_of_chats_passes_the_analyses_of_others_only_for_a_head_start(cell: Cell, store: Store) -> None:
    await cell.announce(slots=200)
    analyses = [await cell.submit(owner="ann") for _ in range(10)]
    for _ in range(60):
        await cell.submit(TaskKind.CHAT, owner="bob")
    order = await _admitted(store)
    passed = order.index(analyses[0])
    assert 5 <= passed <= 15, "about ten chats' worth"
    assert order.index(analyses[9]) < passed + 30, "then they take turns by what they consume"


async def test_many_identities_of_one_group_get_the_share_of_one_owner(cell: Cell, store: Store) -> None:
    await cell.announce(slots=100)
    many = [await cell.submit(owner=f"cookie{n}", group="@x") for n in range(12)]
    ann = [await cell.submit(owner="ann") for _ in range(6)]
    bob = [await cell.submit(owner="bob") for _ in range(6)]
    order = await _admitted(store)
    first = order[:9]
    assert [len(set(first) & set(tasks)) for tasks in (many, ann, bob)] == [3, 3, 3]


async def test_new_identity_of_a_group_that_has_consumed_much_waits_for_the_others(cell: Cell, store: Store) -> None:
    await cell.announce(slots=100)
    ann = [await cell.submit(owner="ann") for _ in range(4)]
    taken = []
    for n in range(8):  # each with one task, as soon as the one before has started
        taken.append(await cell.submit(owner=f"cookie{n}", group="@x"))
        taken.append((await cell.admit()).task_id)
    assert sum(task in ann for task in taken) == 4, "every other turn is hers"


async def test_owners_of_one_group_take_turns_within_it(cell: Cell, store: Store) -> None:
    await cell.announce(slots=100)
    flood = [await cell.submit(owner="cid", group="@x") for _ in range(5)]
    calm = [await cell.submit(owner="dot", group="@x") for _ in range(2)]
    assert await store.position(calm[1], ANALYSIS) == 4
    assert await _admitted(store) == [flood[0], calm[0], flood[1], calm[1], *flood[2:]]


async def test_owner_without_a_group_has_nothing_to_do_with_one_of_the_same_name(cell: Cell, store: Store) -> None:
    await cell.announce(slots=100)
    mobile = [await cell.submit(owner="ann", group=group) for group in ("@x", "", "@y")]
    bob = [await cell.submit(owner="bob") for _ in range(2)]
    assert await _admitted(store) == [*mobile, *bob]


async def test_group_pays_what_was_really_used(cell: Cell, store: Store) -> None:
    await cell.announce(slots=100)
    await _learn(cell, store)
    first = await cell.submit(owner="cid", group="@x")
    _, _, token = await cell.run()
    await say(cell, first, 1, TaskSucceeded(result={}))
    await store.release(first, token, spent=Spent("m", input_tokens=1_000_000, output_tokens=100_000))
    await cell.submit(owner="bob")
    await cell.run()
    dear = [await cell.submit(owner="cid", group="@x"), await cell.submit(owner="dot", group="@x")]
    bobs = [await cell.submit(owner="bob") for _ in range(4)]
    assert await _admitted(store) == [*bobs, dear[1], dear[0]]


async def test_weight_of_two_gets_twice_as_much(cell: Cell, store: Store) -> None:
    await cell.announce(slots=200)
    heavy = [await cell.submit(owner="ann", weight=2) for _ in range(60)]
    plain = [await cell.submit(owner="bob") for _ in range(60)]
    order = await _admitted(store)
    assert sum(task in heavy for task in order[:60]) in (39, 40, 41)
    assert sum(task in plain for task in order[:60]) in (19, 20, 21)


async def test_weight_counts_in_what_was_really_used(cell: Cell, store: Store) -> None:
    await cell.announce(slots=200)
    for owner, weight in (("ann", 2), ("bob", 1)):
        task_id = await cell.submit(owner=owner, weight=weight)
        _, _, token = await cell.run()
        await say(cell, task_id, 1, TaskSucceeded(result={}))
        used = Spent("m", input_tokens=weight * 100_000, output_tokens=weight * 10_000)
        await store.release(task_id, token, spent=used)
    heavy = [await cell.submit(owner="ann", weight=2) for _ in range(20)]
    await cell.submit_many(20, owner="bob")
    order = await _admitted(store)
    assert sum(task in heavy for task in order[:30]) in (19, 20, 21), "both have had what they may have"


async def test_task_that_is_sent_again_comes_with_its_group_and_weight(cell: Cell, store: Store) -> None:
    task_id = await cell.submit(owner="cid", group="@x", weight=2)
    kept = await store.task_input(task_id)
    assert kept is not None
    assert (kept.group, kept.weight) == ("@x", 2)
