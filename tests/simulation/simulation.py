"""One seed, from its plan to the verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.simulation.broken import Broken, require
from tests.simulation.invariants import check_rest, is_at_rest
from tests.simulation.kernel import Steps
from tests.simulation.people import Keepers, People
from tests.simulation.plan import ALL_KINDS, FAULTY_MS, REST_MS, Fault, Fleet, plan_of
from tests.simulation.simulated_store import SimulatedStore, State
from tests.simulation.workers import Workers
from tests.simulation.world import World


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a seed. ``broken`` names the invariant that does not hold, None when all do."""

    seed: int
    broken: str | None
    detail: str
    moves: int
    events: int


class Simulation:
    """A world with everybody in it."""

    def __init__(self, seed: int, make: type[SimulatedStore], say: Callable[[str], None] | None) -> None:
        rng = Random(seed)
        plan = plan_of(rng)
        self._world = World(seed, plan, rng, make, say)
        poison = {f"t{rng.randint(1, plan.tasks)}"} if rng.random() < 0.1 else set()
        self._workers = Workers(self._world, poison)
        self._people = People(self._world)
        self._keepers = Keepers(self._world, self._workers)
        self._older: tuple[State, object, object, object] | None = None
        if say is not None:
            say(f"{plan}\npoison: {poison}")

    def run(self) -> Verdict:
        """Live through the faults, come to rest, look at what is left."""
        world, broken, detail = self._world, None, ""
        try:
            self._begin()
            world.kernel.run(FAULTY_MS, lambda: False)
            world.kernel.run(world.away_until, lambda: False)
            self._calm()
            rested = world.kernel.run(REST_MS, self._is_over)
            left = {t: line.expected and line.expected.state for t, line in world.ledger.lines.items()}
            require(rested, "every task ends in time", left)
            check_rest(world.store, world.ledger)
            for _ in range(2):  # one look may find a reading that began before the end
                for watcher in world.watchers.values():
                    watcher.audit()
                world.kernel.run(world.kernel.now + 500, lambda: False)
            for watcher in world.watchers.values():
                watcher.check()
        except Broken as found:
            broken, detail = found.invariant, found.detail
        except Exception as error:  # the store's own exception is a verdict too
            if world.say is not None:
                raise
            broken, detail = "nothing raises", repr(error)
        return Verdict(world.seed, broken, detail, world.kernel.moves, world.ledger.events)

    def _is_over(self) -> bool:
        return (
            self._people.busy == 0
            and is_at_rest(self._world.store)
            and not any(worker.runs for worker in self._world.workers)
        )

    def _begin(self) -> None:
        world = self._world
        for fleet in world.plan.fleet:
            self._workers.start(fleet)
        self._people.submit_all()
        self._keepers.start(dispatchers=world.rng.randint(1, 2), sweepers=world.rng.choice((1, 1, 2, 6)))
        if world.plan.figures_every_ms:
            world.kernel.start(self._look_at_figures())
        for fault in world.plan.faults:
            world.kernel.at(fault.at, lambda fault=fault: self._strike(fault))  # type: ignore[misc]
            if fault.name == "restore":
                world.kernel.at(world.rng.randrange(fault.at + 1), self._back_up)

    def _look_at_figures(self) -> Steps[None]:
        world = self._world
        while not world.calm:
            yield world.plan.figures_every_ms
            world.ask_once("figures", "stats", world.store.stats)

    def _calm(self) -> None:
        """Faults stop, and somebody is there for every kind."""
        world = self._world
        world.calm = True
        world.note("", "--- faults stop")
        self._workers.start(Fleet(2, ALL_KINDS))
        self._workers.fetch()

    def _strike(self, fault: Fault) -> None:
        world, rng = self._world, self._world.rng
        awake = [w for w in world.workers if not w.leaving]
        match fault.name:
            case "cancel":
                self._people.cancel_one()
            case "delete":
                self._people.delete_one()
            case "kill" if world.workers:
                self._workers.kill(rng.choice(world.workers))
            case "freeze" if awake:
                self._workers.freeze(rng.choice(awake), rng.choice((3_000, 25_000, 45_000, 80_000)))
            case "leave" if awake:
                self._workers.leave(rng.choice(awake))
            case "away":
                self._go_away(rng.choice((2_000, 14_000, 20_000, 70_000)))
            case "restart":
                self._go_away(rng.choice((100, 5_000, 25_000)))
                world.kernel.at(world.away_until, self._restart)
            case "restore" if self._older is not None:
                self._restore()
            case "jump":
                by = rng.choice((-1_500, 2_000, 9_000, 20_000))
                world.jumped_ms += by
                world.budgets.exact = world.budgets.exact and by > 0
                self._excuse()
                world.note("clock", f"is now off by {world.jumped_ms} ms")

    def _excuse(self) -> None:
        """What follows is nobody's fault."""
        for run in self._world.ledger.runs.values():
            run.excused = True

    def _go_away(self, for_ms: int) -> None:
        world = self._world
        world.away_until = max(world.away_until, world.kernel.now + for_ms)
        world.note("store", f"is away for {for_ms} ms")

    def _restart(self) -> None:
        self._world.store.begin_generation()
        self._world.note("store", f"begins generation {self._world.store._epoch}")

    def _back_up(self) -> None:
        world = self._world
        self._older = (world.store.backup(), world.ledger.backup(), world.budgets.backup(), dict(self._people.answers))
        world.note("store", "is backed up")

    def _restore(self) -> None:
        assert self._older is not None
        state, lines, books, answers = self._older
        world = self._world
        world.store.restore(state)
        world.ledger.restore(lines)  # type: ignore[arg-type]
        world.budgets.restore(books)  # type: ignore[arg-type]
        self._people.answers = dict(answers)  # type: ignore[call-overload]
        world.note("store", "is back at older data")
        self._restart()


def simulate(
    seed: int,
    make: type[SimulatedStore] = SimulatedStore,
    say: Callable[[str], None] | None = None,
) -> Verdict:
    """Run one seed."""
    return Simulation(seed, make, say).run()
