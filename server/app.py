"""The server as an ASGI application. Wiring only."""

from __future__ import annotations

from typing import Final, Protocol, cast

from quart import Quart

from server.access import Access
from server.doorway import MAX_BODY_BYTES, ASGIApp, Doorway, Receive, Scope, Send
from server.garbage import spare_collections
from server.known_documents import KnownDocuments
from server.metrics import Metrics
from server.openapi import describe_routes
from server.parts import EXTENSION, Parts
from server.problems import register_problems
from server.queue_view import QueueView
from server.relay.bounds import Bounds
from server.relay.gateway import Relay
from server.routes import BLUEPRINTS
from server.static_pages import blueprint as static_pages
from server.stats_board import StatsBoard
from server.task_news import TaskNews
from tasks.contract.states import Snapshot
from tasks.contract.submissions import NewTask
from tasks.frameworks.shelf import BadFrameworkFile, Shelf
from tasks.runtime import ServerRuntime, open_store
from tasks.settings import Settings, SettingsError, read_settings
from tasks.store.ports import Store

LOCAL_SOCKETS: Final = 20_000
"""With ``ACCESS=local`` everybody is the same owner, so the bound on one owner's sockets is the machine's."""
_BODY_TIMEOUT_S: Final = 120
"""20 MB over a slow line."""


class Runtime(Protocol):
    """What starts tasks beside the server: the dispatcher and, without Celery, the runs themselves."""

    async def start(self) -> None:
        """Begin."""
        ...

    async def stop(self) -> None:
        """End in order."""
        ...

    async def run_inline(self, task: NewTask, /) -> Snapshot:
        """Run one task here and now, without the store."""
        ...


def create_app(settings: Settings | None = None, store: Store | None = None, runtime: Runtime | None = None) -> Doorway:
    """The whole server, for any ASGI server with lifespan and WebSockets.

    Without arguments the settings come from the environment and the rest from them. A store that is
    given stays open when the server stops.

    Raises:
        SettingsError: a variable of the environment cannot be used.
    """
    settings = settings or read_settings()
    kept_open = store is not None
    store = store or open_store(settings)
    runtime = runtime or ServerRuntime(settings, store)
    parts = _parts(settings, store, runtime)
    bounds = Bounds(sockets_per_owner=LOCAL_SOCKETS) if settings.access == "local" else Bounds()
    relay = Relay(store=store, access=parts.access, queue=parts.queue, timing=settings.timing, bounds=bounds)
    app = _quart(parts)

    @app.before_serving
    async def start() -> None:
        await parts.news.start()
        await runtime.start()
        await relay.start()

    @app.after_serving
    async def stop() -> None:
        await relay.stop()
        await runtime.stop()
        await parts.news.stop()
        if not kept_open:
            await store.close()

    def let_go() -> None:
        relay.hang_up()
        parts.news.let_go()

    return Doorway(relay.wrap(cast(ASGIApp, app)), parts.access, parts.metrics, let_go)


def _parts(settings: Settings, store: Store, runtime: Runtime) -> Parts:
    mode = "celery" if settings.use_celery else "in_process"
    queue = QueueView(store, mode)
    return Parts(
        settings=settings,
        store=store,
        access=Access(settings, store),
        queue=queue,
        stats=StatsBoard(queue, mode),
        news=TaskNews(store),
        documents=KnownDocuments(store),
        frameworks=_shelf(settings),
        metrics=Metrics(),
        run_inline=runtime.run_inline,
    )


def _shelf(settings: Settings) -> Shelf:
    try:
        return Shelf(settings.frameworks_dir)
    except BadFrameworkFile as error:
        raise SettingsError(f"FRAMEWORKS_DIR={settings.frameworks_dir}: {error}") from error


def _quart(parts: Parts) -> Quart:
    app = Quart("server", static_folder=None)
    # No limit on the time an answer may take to send: streams may last, and Quart starts a task for it.
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY_BYTES, BODY_TIMEOUT=_BODY_TIMEOUT_S, RESPONSE_TIMEOUT=None)
    app.extensions[EXTENSION] = parts
    describe_routes(app)
    register_problems(app)
    for blueprint in (*BLUEPRINTS, static_pages):
        app.register_blueprint(blueprint)
    return app


class _MadeWhenServed:
    """``server.app:app`` for any ASGI server. The first call makes the application, so that importing
    this module reads no settings and opens nothing."""

    _made: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._made is None:
            self._made = create_app()
            spare_collections()
        await self._made(scope, receive, send)


app = _MadeWhenServed()
