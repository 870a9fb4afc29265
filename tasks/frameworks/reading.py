"""From YAML to a framework, or to a sentence that says where it is wrong.

YAML can do more than a list of checkpoints needs: a few hundred bytes of aliases unfold into gigabytes, and
deep nesting exhausts the stack. So its events are looked at before anything is built from them.
"""

from __future__ import annotations

from typing import Final

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tasks.contract.errors import InvalidFramework
from tasks.contract.frameworks import MAX_FRAMEWORK_CHARS, Framework

MAX_DEPTH: Final = 8
_OPENS: Final = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSES: Final = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


def read_framework(text: str) -> Framework:
    """The framework that a YAML text describes.

    Raises:
        InvalidFramework: it is no YAML, or no framework; the sentence names the place.
    """
    if len(text) > MAX_FRAMEWORK_CHARS:
        raise InvalidFramework(f"A framework has at most {MAX_FRAMEWORK_CHARS:,} characters.")
    try:
        _look_through(text)
        described = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date or number that does not exist
        raise InvalidFramework(f"The framework is no YAML: {_said(error)}.") from error
    if not isinstance(described, dict):
        raise InvalidFramework("A framework is a YAML mapping with id, name and checkpoints.")
    try:
        return Framework.model_validate(described, extra="forbid")
    except ValidationError as error:
        problems = [_problem(detail) for detail in error.errors()]
        raise InvalidFramework(f"The framework cannot be used: {problems[0]}.", errors=problems[:20]) from error


def _look_through(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, _OPENS)
        depth -= isinstance(event, _CLOSES)
        if isinstance(event, yaml.AliasEvent):
            raise InvalidFramework("A framework has no YAML aliases (*name); write the text out.")
        if depth > MAX_DEPTH:
            raise InvalidFramework(f"A framework is nested at most {MAX_DEPTH} deep.")


def _said(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"{error.problem} in line {error.problem_mark.line + 1}"
    return str(error).splitlines()[0].rstrip(".")


def _problem(detail: ErrorDetails) -> str:
    place = ".".join(str(part) for part in detail["loc"])
    message = detail["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message
