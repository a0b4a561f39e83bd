"""Reading the environment of the running stack."""

import copy
from typing import Any

from modelyard.stacks.environment.environment import KEY, Environment
from modelyard.stacks.validation import checks
from modelyard.stacks.validation.messages import UNKNOWN_KEY, Complaint, Path, from_validation, refuse
from pydantic import ValidationError


def read(given: Any, file: str) -> Environment:
    """The environment in `given`, the value of `modelyard:environment`.

    Args:
        given: plain objects, as YAML or JSON gives them.
        file: name of the file it came from, for the message.

    Raises:
        EnvironmentFileError: with every complaint at once, each with its place, its value and what was expected.
    """
    if not isinstance(given, dict):
        raise refuse(file, [Complaint((), None, f"config.{KEY} is missing or not an object")])
    environment, found = _validated(copy.deepcopy(given))
    if environment is None or found:
        raise refuse(file, found)
    if found := checks.complaints(environment):
        raise refuse(file, found)
    return environment


def _validated(given: dict[str, Any]) -> tuple[Environment | None, list[Complaint]]:
    """The environment and what is wrong. An unknown key hides its object's other faults, so it is taken out and the
    rest is looked at again.
    """
    unknown: list[Complaint] = []
    while True:
        try:
            return Environment.model_validate(given), unknown
        except ValidationError as wrong:
            found = from_validation(wrong, given)
            keys = [one for one in found if one.kind == UNKNOWN_KEY]
            if not keys:
                return None, [*unknown, *found]
            unknown += keys
            for one in keys:
                _remove(given, one.path)


def _remove(given: Any, path: Path) -> None:
    for part in path[:-1]:
        given = given[part]
    del given[path[-1]]
