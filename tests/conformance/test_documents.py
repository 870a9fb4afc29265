"""Documents, findings, conversations and keys."""

from __future__ import annotations

import asyncio

import pytest
from conformance.cell import Cell, document, finding, token_of
from conformance.lives import live_a_full_life, say
from processes import WAIT_S

from tasks.contract.errors import NotFound, VersionConflict
from tasks.contract.events import FindingMade, TaskSucceeded
from tasks.contract.findings import PERSON, Source
from tasks.contract.names import TaskKind, key
from tasks.contract.submissions import NewTask
from tasks.store.ports import ApiKey, AppendOutcome, Confirmed, Published, Store


async def test_documents_are_kept_whole_and_listed_without_their_texts(store: Store) -> None:
    old, new = document("d1"), document("d2").model_copy(update={"created_at": 2_000})
    for each in (old, new, document("d3", owner="bob")):
        await store.add_document(each)
    assert await store.document("d1") == old
    assert await store.document("none") is None
    listed, cursor = await store.list_documents("ann", before=None, count=1)
    assert [d.document_id for d in listed] == ["d2"] and cursor == 2_000
    assert [s.text for s in listed[0].sections] == ["", ""] and listed[0].sections[0].title == "One"
    rest, end = await store.list_documents("ann", before=cursor, count=1)
    assert [d.document_id for d in rest] == ["d1"] and end is None


async def test_judging_a_finding_needs_its_present_version(cell: Cell, store: Store) -> None:
    await live_a_full_life(cell)
    judged = await store.set_finding("d1", "f1", 1, "accepted", "Better")
    assert judged is not None and (judged.status, judged.version, judged.suggestion.text) == ("accepted", 2, "Better")
    with pytest.raises(VersionConflict) as conflict:
        await store.set_finding("d1", "f1", 1, "rejected", None)
    assert conflict.value.data == {"version": 2}
    assert await store.set_finding("d1", "none", 1, "rejected", None) is None
    assert {s.finding.finding_id: s.finding.status for s in await store.findings("d1")} == {
        "f1": "accepted",
        "f2": "open",
    }


async def test_judgement_stays_when_a_later_review_finds_the_same(cell: Cell, store: Store) -> None:
    await live_a_full_life(cell)
    await store.set_finding("d1", "f1", 1, "rejected", None)
    again = await cell.submit(document_id="d1", section_id="s1")
    await cell.run()
    await say(cell, again, 1, FindingMade(finding=finding()), TaskSucceeded(result={}))
    found = {s.finding.finding_id: s for s in await store.findings("d1")}
    assert (found["f1"].finding.status, found["f1"].task_id) == ("rejected", again)


async def test_a_persons_finding_is_entered_once_and_taken_away_by_version(store: Store) -> None:
    await store.add_document(document())
    own = finding().model_copy(update={"source": Source(engine=PERSON)})
    assert await store.add_finding("d1", own) == own
    judged = await store.set_finding("d1", "f1", 1, "accepted", None)
    assert await store.add_finding("d1", own) == judged, "a repeat must not undo what was decided since"
    assert [(s.finding, s.task_id) for s in await store.findings("d1")] == [(judged, None)]
    with pytest.raises(VersionConflict) as conflict:
        await store.delete_finding("d1", "f1", 1)
    assert conflict.value.data == {"version": 2}
    assert await store.delete_finding("d1", "f1", 2)
    assert not await store.delete_finding("d1", "f1", None)
    assert await store.findings("d1") == () and await store.add_finding("none", own) is None


async def test_what_is_to_be_known_of_a_review_is_in_the_list_of_its_documents_tasks(cell: Cell, store: Store) -> None:
    await store.add_document(document())
    await cell.announce()
    for notice in ({"notice": "Only the structure."}, {}):
        task_id = await cell.submit(document_id="d1", section_id="s1")
        _, _, token = await cell.run()
        await store.append(task_id, token, 1, TaskSucceeded(result={"engine": "checker", **notice}))
        await store.release(task_id, token)
    assert [task.notice for task in await store.document_tasks("d1")] == ["Only the structure.", None]


async def test_deleting_a_document_cancels_its_tasks_and_leaves_nothing(cell: Cell, store: Store) -> None:
    done = await live_a_full_life(cell)
    running = await cell.submit(document_id="d1", section_id="s1")
    await cell.run()
    waiting = await cell.submit(TaskKind.CHAT, document_id="d1", conversation_id="c1", input={"message": "?"})
    assert await store.delete_document("d1")
    for task_id in (done, running, waiting):
        assert await store.read(task_id, None, 0) is None
    refused = await store.append(running, token_of(running), 1, TaskSucceeded(result={}))
    assert refused.outcome is AppendOutcome.GONE
    await store.release(running, "token-t2-1")
    stats = await store.stats()
    assert all((k.waiting, k.active, k.reserved) == (0, 0, 0) for k in stats.kinds.values())
    assert await store.findings("d1") == () and await store.conversation("c1") is None
    assert await store.conversations("d1") == () and await store.document_tasks("d1") == ()
    assert await store.list_documents("ann", before=None, count=9) == ((), None)
    assert not await store.delete_document("d1")


async def test_deleting_a_task_without_a_document_stops_it_and_leaves_nothing(cell: Cell, store: Store) -> None:
    await cell.announce()
    running = await cell.submit()
    await cell.run()
    waiting = await cell.submit(TaskKind.CHAT, conversation_id="c1", input={"message": "?"})
    for task_id in (running, waiting):
        assert not await store.delete_task(task_id, "bob")
        assert await store.delete_task(task_id, "ann")
        assert await store.read(task_id, None, 0) is None
    refused = await store.append(running, token_of(running), 1, TaskSucceeded(result={}))
    assert refused.outcome is AppendOutcome.GONE
    stats = await store.stats()
    assert all((k.waiting, k.active, k.reserved) == (0, 0, 0) for k in stats.kinds.values())
    assert await store.conversation("c1") is None
    everything = await store.list_tasks("ann", state=None, document_id=None, before=None, count=9)
    assert everything == ((), None)
    assert not await store.delete_task(waiting, "ann")


async def test_a_task_of_a_document_is_not_deleted_without_it(cell: Cell, store: Store) -> None:
    of_document = await cell.submit(document_id="d1", section_id="s1")
    assert not await store.delete_task(of_document, "ann")
    assert await store.read(of_document, None, 0) is not None


async def test_conversations_keep_their_turns_in_order(cell: Cell, store: Store) -> None:
    await store.add_document(document())
    first = await cell.submit(TaskKind.CHAT, document_id="d1", conversation_id="c1")
    second = await cell.submit(TaskKind.CHAT, document_id="d1", conversation_id="c1")
    await cell.submit(TaskKind.CHAT, conversation_id="c2")
    conversation = await store.conversation("c1")
    assert conversation is not None
    assert (conversation.task_ids, conversation.owner, conversation.document_id) == ((first, second), "ann", "d1")
    assert [c.conversation_id for c in await store.conversations("d1")] == ["c1"]
    free = await store.conversation("c2")
    assert free is not None and free.document_id is None


async def test_keys_are_found_by_hash_until_they_are_deleted(store: Store) -> None:
    first, second = ApiKey("k1", "one", "ann", 1), ApiKey("k2", "two", "ann", 2, weight=1.5)
    await store.add_key(first, "hash1")
    await store.add_key(second, "hash2")
    assert await store.list_keys("ann") == (first, second)
    assert await store.key_by_hash("hash1") == first
    assert not await store.delete_key("bob", "k1")
    assert await store.delete_key("ann", "k1")
    assert await store.key_by_hash("hash1") is None
    assert await store.list_keys("ann") == (second,)


async def test_document_channel_tells_of_each_new_task(cell: Cell, store: Store) -> None:
    feed, channel = store.feed(), key("document_channel", "d1")
    await feed.subscribe(channel)
    messages = aiter(feed.messages())
    async with asyncio.timeout(WAIT_S):
        assert await anext(messages) == Confirmed(channel)
        task_id = await cell.submit(document_id="d1")
        assert await anext(messages) == Published(channel, task_id)
    await feed.close()


async def test_deleted_document_takes_no_tasks_any_more(cell: Cell, store: Store) -> None:
    await live_a_full_life(cell)
    await store.delete_document("d1")
    late = NewTask(task_id="late", kind=TaskKind.ANALYSIS, owner="ann", document_id="d1", section_id="s1")
    with pytest.raises(NotFound):
        await store.submit([late])
    assert await store.read("late", None, 0) is None
    assert (await store.stats()).kinds[TaskKind.ANALYSIS].waiting == 0
