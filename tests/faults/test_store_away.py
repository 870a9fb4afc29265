"""A store that is killed, stopped, emptied or restored from older data while events flow."""

from __future__ import annotations

import asyncio
import itertools
import signal
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
from judge import judge_all
from processes import WAIT_S
from sizes import pick
from stage import Stage
from watcher import Watcher, each, until
from writers import Writer, speaking

from tasks.contract.events import TaskSucceeded, TextAdded
from tasks.journal import Journal

TABS = pick(quick=3, long=10)
TASKS = pick(quick=4, long=20)
RATE = 100
ROUNDS = pick(quick=1, long=20)
STOPPED_S = pick(quick=3.0, long=10.0)
REFUSED_WITHIN_S = pick(quick=WAIT_S, long=3.0)
RESET_WITHIN_S = pick(quick=WAIT_S, long=10.0)


@asynccontextmanager
async def watching(stage: Stage, writers: Sequence[Writer], tabs: int = TABS) -> AsyncIterator[list[Watcher]]:
    async with AsyncExitStack() as stack:
        ids = [writer.task_id for writer in writers]
        watchers = [await stack.enter_async_context(Watcher(stage.urls, ids)) for _ in range(tabs)]
        await each(watchers, Watcher.watched)
        yield watchers


async def refused_in_time(url: str) -> None:
    """A submission is answered although the store does not answer: come again."""
    raw = {"section": "Cause", "content": "Errors fell."}
    headers = {"Prefer": "respond-async"}
    async with httpx.AsyncClient(base_url=url, timeout=WAIT_S, trust_env=False) as http:
        began = time.perf_counter()
        refused = await http.post("/analyze_section", json=raw, headers=headers)
        took_s = time.perf_counter() - began
    assert (refused.status_code, refused.headers["retry-after"].isdigit()) == (503, True), refused.text
    assert took_s < REFUSED_WITHIN_S, f"it took {took_s:.1f} s"


async def until_said(writers: Sequence[Writer], more: int) -> None:
    goal = [writer.said + more for writer in writers]
    await until(lambda: all(w.said >= n for w, n in zip(writers, goal, strict=True)), "the writers go on")


async def test_nothing_acknowledged_is_lost_when_the_store_is_killed_and_has_its_file(
    stage: Stage, report: Callable[[str], None]
) -> None:
    writers = await stage.writers(TASKS)
    async with watching(stage, writers) as watchers:
        (before,) = {number[0] for number in await stage.writing.numbers([w.task_id for w in writers]) if number}
        async with speaking(writers, RATE):
            for _ in range(ROUNDS):
                await until_said(writers, 10)
                stage.kill_store()
                await stage.restart_store()
                await until_said(writers, 2)  # a repeat of what was carried out before meets no new generation
        shown = await stage.verdict(watchers, writers, may_reset=True)
        resets = {journal.resets for watcher in watchers for journal in watcher.journals.values()}
    assert all(journal.at and journal.at[0] > before for w in watchers for journal in w.journals.values())
    assert {writer.restored for writer in writers} == {ROUNDS}, "each writer met each new generation"
    assert max(resets) <= ROUNDS, "one reset for each time that the store was lost"
    report(f"{ROUNDS} kills, {shown} events shown, {resets} resets a page")


async def test_pages_are_told_within_ten_seconds_when_the_store_comes_back_empty(
    stage: Stage, report: Callable[[str], None]
) -> None:
    async with stage.keeping_nothing():
        writers = await stage.writers(TASKS)
        async with watching(stage, writers) as watchers:
            async with speaking(writers, RATE):
                await until_said(writers, 5)
                journals = [journal for watcher in watchers for journal in watcher.journals.values()]
                await until(lambda: all(journal.applied for journal in journals), "all pages show something")
                stage.kill_store()
                await stage.restart_store(durable=False)
                back = time.monotonic()
                assert not stage.control.exists(*(f"{{galley}}:task:{w.task_id}" for w in writers)), (
                    "it really is empty"
                )
                await until(lambda: all(journal.gone for journal in journals), "all are told", RESET_WITHIN_S)
                took = time.monotonic() - back
            assert {writer.outcome.value for writer in writers} == {"gone"}
            assert [journal.offences for journal in journals] == [[]] * len(journals)
            assert {journal.entries[-1].name for journal in journals} == {"reset"}
        again = await stage.writers(1)
        async with watching(stage, again) as watchers:
            async with speaking(again, RATE):
                await until_said(again, 5)
            await stage.verdict(watchers, again)
        report(f"{len(journals)} pages told that their task is gone {took:.1f} s after the store was back")


async def test_pages_agree_with_the_store_when_it_is_restored_from_older_data(
    stage: Stage, report: Callable[[str], None]
) -> None:
    going_on, ended, silent = await stage.writers(3)
    writers = [going_on, ended, silent]
    async with watching(stage, writers) as watchers:
        async with speaking([going_on], RATE / 4):
            for writer in (ended, silent):
                await writer.say()
            copy = stage.copy_data()
            for writer in (ended, silent):
                for _ in range(5):
                    await writer.say()
            await ended.finish()
            await until_said([going_on], 10)
            ids = [writer.task_id for writer in writers]
            shown_before = dict(zip(ids, await stage.writing.numbers(ids), strict=True))
            journals = [journal for watcher in watchers for journal in watcher.journals.values()]
            await until(lambda: all(j.at and j.at >= (shown_before[j.task_id] or (0, 0)) for j in journals), "all see")
            stage.kill_store()
            stage.put_back_data(copy)
            await stage.restart_store()
            older = dict(zip(ids, await stage.writing.numbers(ids), strict=True))
            for writer in (ended, silent):
                assert (older[writer.task_id] or (0, 0)) < (shown_before[writer.task_id] or (0, 0)), "it is older data"
            still = [j for j in journals if j.task_id != going_on.task_id]
            await until(lambda: all(j.at == older[j.task_id] for j in still), "pages fall back to what is true now")
            truth = await stage.statuses([ended.task_id, silent.task_id])
            judge_all(still, truth, may_reset=True)
            assert {status["state"] for status in truth.values()} == {"PROGRESS"}
        shown = await stage.verdict(watchers, [going_on], may_reset=True)
        assert going_on.restored == 1
        # what a page has seen of a lost future must not be mistaken for what is said now
        for _ in range(12):
            await silent.say()
        await silent.finish()
        truth = await stage.statuses([silent.task_id])
        number = (truth[silent.task_id]["epoch"], truth[silent.task_id]["seq"])
        late = [watcher.journals[silent.task_id] for watcher in watchers]
        await until(lambda: all(journal.at == number for journal in late), "pages follow in the new generation")
        judge_all(late, truth, may_reset=True)
        assert truth[silent.task_id]["result"]["answer"] == silent.text
    report(f"restored from a copy, {shown} events shown of the task that went on, its text whole")


async def test_answer_is_whole_when_the_end_is_the_first_event_after_a_restore_from_older_data(stage: Stage) -> None:
    (writer,) = await stage.writers(1)
    journal = Journal(writer.store, writer.snapshot, writer.token)
    journal._producer = writer.said + 1  # it goes on where the writer stopped
    writing = asyncio.create_task(journal.write())
    journal.put(TextAdded(text="what was kept, "))
    await journal.flush()
    copy = stage.copy_data()
    journal.put(TextAdded(text="what was lost"))
    await journal.flush()
    stage.kill_store()
    stage.put_back_data(copy)
    await stage.restart_store()
    journal.put(TaskSucceeded(result={}))
    await asyncio.wait([writing, asyncio.ensure_future(journal.flush())], return_when=asyncio.FIRST_COMPLETED)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    truth = (await stage.statuses([writer.task_id]))[writer.task_id]
    assert truth["state"] == "SUCCESS"
    assert truth["result"]["answer"] == "what was kept, what was lost"


async def test_every_event_is_shown_once_when_the_store_stands_still(
    stage: Stage, report: Callable[[str], None]
) -> None:
    writers = await stage.writers(TASKS)
    async with watching(stage, writers) as watchers:
        async with speaking(writers, RATE):
            await until_said(writers, 5)
            stage.store.process.send_signal(signal.SIGSTOP)
            try:
                said = sum(writer.said for writer in writers)
                fault = asyncio.create_task(asyncio.sleep(STOPPED_S))  # its length
                await refused_in_time(stage.urls[0])
                await fault
                assert sum(writer.said for writer in writers) - said <= len(writers), "nothing was answered meanwhile"
            finally:
                stage.store.process.send_signal(signal.SIGCONT)
            await until_said(writers, 5)
        shown = await stage.verdict(watchers, writers)
        ats = sorted(at for at, _ in watchers[0].journals[writers[0].task_id].delays_ms)
        gap_s = max(b - a for a, b in itertools.pairwise(ats)) / 1000
    assert gap_s > STOPPED_S * 0.8, "the store really stood still"
    report(f"stood still for {gap_s:.1f} s, {shown} events shown")
