"""Documents and tasks for the page to be measured on, put straight into the store."""

from __future__ import annotations

from typing import Final

from tasks.contract.documents import Document, Section
from tasks.contract.findings import Finding, Source, Suggestion, anchor_at
from tasks.contract.names import TaskKind
from tasks.contract.submissions import NewTask
from tasks.store.ports import NothingAdmitted, WorkerCard
from tasks.store.redis_store import RedisStore
from tests.load.appender import token_of

OWNER: Final = "local"
_WORKER: Final = "bench"
_SENTENCE: Final = "The number of errors fell from 420 to 180 in two weeks, which nobody in the team had expected. "
_WORDS_A_PAGE: Final = 500
_SEVERITIES: Final = ("critical", "major", "minor", "info")
_CATEGORIES: Final = ("grammar", "clarity", "structure", "evidence", "tone")


async def keep_document(store: RedisStore, document_id: str, sections: int, words: int) -> Document:
    """A document of equal sections, in paragraphs of a few sentences."""
    sentences = max(1, words // len(_SENTENCE.split()))
    paragraphs = [_SENTENCE * min(5, sentences - done) for done in range(0, sentences, 5)]
    text = "\n\n".join(paragraph.strip() for paragraph in paragraphs)
    document = Document(
        document_id=document_id,
        owner=OWNER,
        name=f"{sections} sections.md",
        format="md",
        sections=tuple(
            Section(section_id=f"s{n}", title=f"Section {n}", level=1, text=text) for n in range(1, sections + 1)
        ),
        created_at=await store.now_ms(),
        size_bytes=sections * len(text),
    )
    await store.add_document(document)
    return document


async def keep_long_document(store: RedisStore, document_id: str, pages: int, findings: int) -> Document:
    """One section a page, and so many findings, spread evenly and each at words of its own."""
    document = await keep_document(store, document_id, pages, _WORDS_A_PAGE)
    for number in range(findings):
        section = document.sections[number % pages]
        start = section.text.index("errors", (number // pages) * 3 * len(_SENTENCE))
        name = f"f_{document_id}_{number}"
        finding = Finding(
            finding_id=name,
            fingerprint=name,
            section_id=section.section_id,
            anchor=anchor_at(section.text, start, start + len("errors fell")),
            category=_CATEGORIES[number % len(_CATEGORIES)],  # type: ignore[arg-type]
            severity=_SEVERITIES[number % len(_SEVERITIES)],  # type: ignore[arg-type]
            message=f"Number {number} of what was found here, in a sentence of the usual length.",
            suggestion=Suggestion(kind="replace", text="mistakes fell"),
            source=Source(engine="checker"),
        )
        await store.add_finding(document_id, finding)
    return document


async def claim_reviews(store: RedisStore, document: Document) -> list[str]:
    """A review of each section, claimed by a worker. Its id ends with the section's."""
    tasks = [
        NewTask(
            task_id=f"t_{document.document_id}_{section.section_id}",
            kind=TaskKind.ANALYSIS,
            owner=OWNER,
            document_id=document.document_id,
            section_id=section.section_id,
        )
        for section in document.sections
    ]
    await store.announce(WorkerCard(_WORKER, tuple(TaskKind), 10 * len(tasks), "checker"))
    await store.submit(tasks)
    while not isinstance(await store.admit(), NothingAdmitted):
        pass
    for task in tasks:
        assert await store.claim(task.task_id, 1, token_of(task.task_id), _WORKER), f"{task.task_id} was not admitted"
    return [task.task_id for task in tasks]
