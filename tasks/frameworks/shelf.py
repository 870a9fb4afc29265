"""The frameworks that can be chosen by name: those built in, and those of a folder."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from tasks.contract.errors import InvalidFramework, UnknownFramework
from tasks.contract.frameworks import Framework
from tasks.frameworks.reading import read_framework

DEFAULT_FRAMEWORK: Final = "general"
_ENDINGS: Final = (".yaml", ".yml")


class BadFrameworkFile(ValueError):
    """A file of the folder that is no framework. The message names it and says why."""


class Shelf:
    """Frameworks by id. One of the folder takes the place of a built-in one with the same id."""

    def __init__(self, folder: Path | None = None) -> None:
        """Read them all.

        Raises:
            BadFrameworkFile: a file cannot be used, or the folder cannot be read.
        """
        built_in = _read(files("tasks.frameworks").joinpath("built_in").iterdir())
        self._by_id = built_in | (_read(_listed(folder)) if folder else {})

    @property
    def all(self) -> tuple[Framework, ...]:
        """All of them, the default one first, then by name."""
        return tuple(sorted(self._by_id.values(), key=lambda f: (f.id != DEFAULT_FRAMEWORK, f.name.casefold())))

    def chosen(self, given: str | None) -> Framework:
        """What an upload asks for: a framework's id, or a whole framework as YAML; nothing is the default.

        Raises:
            UnknownFramework: there is none with that id.
            InvalidFramework: it is no framework.
        """
        wanted = (given or "").strip() or DEFAULT_FRAMEWORK
        if ":" in wanted or "\n" in wanted:
            return read_framework(wanted)
        if wanted not in self._by_id:
            known = [framework.id for framework in self.all]
            raise UnknownFramework(f"There is no framework {wanted!r}. Choose one of {', '.join(known)}.", known=known)
        return self._by_id[wanted]


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise BadFrameworkFile(f"{folder} cannot be read: {error.strerror}") from error


def _read(paths: Iterable[Traversable]) -> dict[str, Framework]:
    found: dict[str, Framework] = {}
    for path in paths:
        if path.name.endswith(_ENDINGS):
            framework = _framework_of(path)
            if framework.id in found:
                raise BadFrameworkFile(f"{path.name} has the same id as another file: {framework.id}")
            found[framework.id] = framework
    return found


def _framework_of(path: Traversable) -> Framework:
    try:
        return read_framework(path.read_text(encoding="utf-8"))
    except (InvalidFramework, OSError, UnicodeDecodeError) as error:
        raise BadFrameworkFile(f"{path.name} is no framework. {error}") from error
