"""The configuration of the pack: from the file of `--policy-pack-config` to `Settings`, and back."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from .rulebook import RULES
from .settings import Settings

POLICIES = ("resources", "resources-advice", "stack", "stack-advice")
"""Names of the policies of the pack: rules about one resource and about the stack, mandatory and advisory."""


class BadConfigurationError(ValueError):
    """The configuration is not what `Settings` describes. The text lists every problem, one a line."""


def read_settings(config: Mapping[str, Any]) -> Settings:
    """Read the settings in `config`, the properties of one policy.

    Raises:
        BadConfigurationError: a key, a value or a rule's name is wrong; says where, what, and the nearest valid one.
    """
    try:
        settings = Settings.model_validate(dict(config))
    except ValidationError as error:
        raise BadConfigurationError("\n".join(_problem(problem) for problem in error.errors())) from None
    unknown = [name for name in settings.levels if name not in RULES]
    if unknown:
        raise BadConfigurationError(
            "\n".join(f"levels: no rule is called {name!r}{_nearest(name, RULES)}" for name in unknown)
        )
    return settings


def pack_config(settings: Settings) -> dict[str, Any]:
    """The content of a file for `--policy-pack-config` that gives `settings` to every policy of the pack."""
    properties = settings.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return dict.fromkeys(POLICIES, properties) if properties else {}


def schema() -> dict[str, dict[str, Any]]:
    """JSON schema of every setting, by its key; the engine checks the file against it before anything runs."""
    return {
        key: {name: value for name, value in definition.items() if name not in ("title", "default")}
        for key, definition in Settings.model_json_schema(by_alias=True)["properties"].items()
    }


def _problem(problem: Any) -> str:
    key = ".".join(str(part) for part in problem["loc"]) or "the configuration"
    if problem["type"] == "extra_forbidden":
        return f"{key}: there is no such setting{_nearest(key, schema())}"
    return f"{key}: {problem['msg'].removeprefix('Value error, ')}"


def _nearest(name: str, known: Iterable[str]) -> str:
    match = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {match[0]!r}?" if match else f"; known: {', '.join(sorted(known))}"
