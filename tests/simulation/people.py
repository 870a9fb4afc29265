"""Those who ask for work, stop it, delete it; and the dispatchers and sweepers that keep it going."""

from __future__ import annotations

from tasks.contract.documents import Document
from tasks.contract.errors import NotFound
from tasks.contract.names import TaskKind
from tasks.contract.submissions import NewTask
from tasks.store.ports import Admission, NothingAdmitted, Submitted
from tests.simulation.broken import require
from tests.simulation.invariants import check_admission
from tests.simulation.kernel import Steps
from tests.simulation.plan import FAULTY_MS, TIMING
from tests.simulation.workers import Workers
from tests.simulation.world import World

GATHER_MS = 5
GROUPS = {"o1": "@home", "o2": "@home"}


class People:
    """Owners with their submissions."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sent = 0
        self.busy = 0
        self.answers: dict[tuple[str, str], tuple[str, ...]] = {}

    def documents(self) -> list[str]:
        """The names of the documents in this world."""
        return [f"d{number}" for number in range(self._world.plan.documents)]

    def submit_all(self) -> None:
        """Let everything be asked for that the plan says, at some time."""
        world = self._world
        for document_id in self.documents():
            document = Document(document_id=document_id, owner="o0", name="a.md", format="md", sections=())
            world.carry_out("o0", f"add {document_id}", world.store.add_document(document))
        for number in range(world.plan.tasks):
            at = world.rng.choice((0, 0, world.rng.randrange(FAULTY_MS)))
            self.busy += 1
            world.kernel.start(self._submit(number), wait_ms=at)

    def _submit(self, number: int) -> Steps[None]:
        world = self._world
        owner = f"o{world.rng.randrange(world.plan.owners)}"
        kind = world.rng.choice((TaskKind.ANALYSIS, TaskKind.ANALYSIS, TaskKind.CHAT, TaskKind.TEST))
        document = world.rng.choice([None, *self.documents()]) if owner == "o0" else None
        chars = world.rng.choice((0, 1_000, 20_000))
        priority, keyed = world.rng.choice((0, 0, 0, 5, 9)), world.rng.random() < 0.5
        for _ in range(world.rng.choice((1, 2)) if keyed else 1):
            # each request gets a new id; only the store's script is repeated with the same one
            self._sent += 1
            new = NewTask(
                task_id=f"t{self._sent}",
                kind=kind,
                owner=owner,
                group=GROUPS.get(owner, ""),
                priority=priority,
                input_chars=chars,
                document_id=document,
                section_id="s1",
            )
            key = f"k{number}" if keyed else None
            submitted = yield from world.ask(
                owner, f"submit {new.task_id} {kind} {key or ''}", lambda new=new, key=key: self._accept(new, key)
            )
            if submitted is None:
                break
            if key is not None:
                first = self.answers.setdefault((owner, key), submitted.task_ids)
                require(first == submitted.task_ids, "one key makes one task", f"{key}: {first} {submitted.task_ids}")
            if world.rng.random() < 0.5:
                world.watch(submitted.task_ids[0])
            yield world.rng.randint(1, 3_000)
        self.busy -= 1

    def _do(self, steps: Steps[object]) -> Steps[None]:
        self.busy += 1
        yield from steps
        self.busy -= 1

    async def _accept(self, new: NewTask, key: str | None) -> Submitted | None:
        """The store's answer; None: the document is not there any more."""
        store = self._world.store
        try:
            return await store.submit([new], idempotency_key=key, digest="d")
        except NotFound:
            return None

    def cancel_one(self) -> None:
        """Somebody stops a task of theirs."""
        world, living = self._world, sorted(self._world.ledger.lines)
        if living:
            task_id = world.rng.choice(living)
            world.kernel.start(self._do(world.ask("owner", f"cancel {task_id}", lambda: world.store.cancel(task_id))))

    def delete_one(self) -> None:
        """Somebody deletes a document with all its tasks."""
        world = self._world
        if self.documents():
            document_id = world.rng.choice(self.documents())
            delete = lambda: world.store.delete_document(document_id)  # noqa: E731
            world.kernel.start(self._do(world.ask("owner", f"delete {document_id}", delete)))


class Keepers:
    """Dispatchers, sweepers, and the relay's audit."""

    def __init__(self, world: World, workers: Workers) -> None:
        self._world = world
        self._workers = workers
        self._asking: dict[str, int] = {}
        world.on_wake = self.wake
        world.on_cancel = workers.cancelled

    def start(self, dispatchers: int, sweepers: int) -> None:
        """As many as there are processes."""
        for number in range(dispatchers):
            self._asking[f"admit{number}"] = 0
            self._ask_later(f"admit{number}", 0)
        for number in range(sweepers):
            self._world.kernel.start(self._sweep(f"sweep{number}"), wait_ms=self._world.rng.randint(1, TIMING.sweep_ms))
        self._world.kernel.start(self._audit())

    def wake(self) -> None:
        """Admission may have become possible. A publish can be lost."""
        for name in self._asking:
            if not self._world.odds(self._world.plan.lose_publish):
                self._ask_later(name, GATHER_MS)

    def _ask_later(self, name: str, wait_ms: int) -> None:
        kernel = self._world.kernel
        due = kernel.now + wait_ms
        if kernel.now <= self._asking[name] <= due and self._asking[name] != 0:
            return
        self._asking[name] = due
        kernel.at(due, lambda: self._admit(name, due))

    def _admit(self, name: str, due: int) -> None:
        if self._asking[name] != due:
            return
        self._asking[name] = 0
        wait = TIMING.tick_ms
        while True:
            answer = self._world.ask_once(name, "admit", self._admitted)
            if isinstance(answer, Admission):
                self._send(answer)
                continue
            if isinstance(answer, NothingAdmitted) and answer.next_in_ms is not None:
                wait = min(wait, max(GATHER_MS, answer.next_in_ms))
            break
        self._ask_later(name, wait)

    async def _admitted(self) -> Admission | NothingAdmitted:
        answer = await self._world.store.admit()
        if isinstance(answer, Admission):
            check_admission(self._world.store, self._world.plan, answer)
        return answer

    def _send(self, admission: Admission) -> None:
        world = self._world
        serial = world.ledger.lines[admission.task_id].serial
        message = (admission.task_id, admission.attempt, serial, admission.kind)
        if world.odds(world.plan.lose_message):
            world.note("broker", f"{admission} is lost")
            return
        for _ in range(2 if world.odds(world.plan.repeat_message) else 1):
            late = world.rng.randint(1, 12_000 if world.odds(world.plan.lose_message) else 100)
            world.kernel.after(late, lambda: self._workers.deliver(message))

    def _sweep(self, name: str) -> Steps[None]:
        world = self._world
        while True:
            world.ask_once(name, "sweep", world.store.sweep)
            yield TIMING.sweep_ms

    def _audit(self) -> Steps[None]:
        while True:
            yield TIMING.sweep_ms
            if self._world.kernel.now >= self._world.away_until:
                for watcher in self._world.watchers.values():
                    watcher.audit()
