"""The `galley` command. Each subcommand is imported only when it is called: a supervisor needs no
web server in its memory, and a client no store."""

from __future__ import annotations

import sys
from importlib.metadata import version

from cyclopts import App

from server.review.client import ReviewFailed
from server.supervisor.preflight import StartRefused
from tasks.contract.errors import GalleyError
from tasks.settings import SettingsError

app = App(
    name="galley", version=lambda: version("galley"), help="Live document review with Claude, for many people at once."
)
_COMMANDS = {
    "run": ("run:run", "Run everything, supervised, in this terminal; or review one file with it."),
    "server": ("server:server", "Run the web server alone."),
    "worker": ("worker:worker", "Run one worker alone."),
    "review": ("review:review", "Review a file on a running server."),
    "keys": ("keys:app", "Keys for programs."),
    "dead": ("dead:app", "Tasks that failed for good."),
}
for name, (place, words) in _COMMANDS.items():
    app.command(f"server.commands.{place}", name=name, help=words)


def main() -> None:
    """Run the command line. What a person can mend is one sentence, not a traceback."""
    try:
        app()
    except (SettingsError, StartRefused, ReviewFailed, GalleyError) as error:
        sys.exit(f"galley: {error}")


if __name__ == "__main__":
    main()
