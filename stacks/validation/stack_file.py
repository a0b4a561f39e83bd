"""Stack files, `Pulumi.<stack>.yaml`, read before Pulumi does, which names neither file nor nearest key."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from modelyard.stacks.environment.environment import KEY
from modelyard.stacks.validation.messages import EnvironmentFileError
from modelyard.workloads.located_yaml import BadYamlError, load


def read_config(file: Path) -> dict[str, Any]:
    """Return the configuration in a stack file, which has an environment.

    Raises:
        EnvironmentFileError: the file is no YAML, has a key twice, or holds no environment.
    """
    try:
        content = load(file.read_text(encoding="utf-8-sig")).value
    except UnicodeDecodeError as error:
        text = f"must be UTF-8, and the byte at {error.start} is not; save the file as UTF-8"
        raise EnvironmentFileError(f"{file.name}: {text}") from error
    except BadYamlError as error:
        raise EnvironmentFileError(f"{file.name}: {error}") from error
    config = _object(file, content, "config")
    _object(file, config, KEY, "config.")
    return config


def _object(file: Path, section: Any, key: str, prefix: str = "") -> dict[str, Any]:
    value = section.get(key) if isinstance(section, dict) else None
    if not isinstance(value, dict):
        names: Iterable[str] = map(str, section) if isinstance(section, dict) else ()
        nearest = [name for name in get_close_matches(key, names, n=1, cutoff=0.5) if name != key]
        mend = f"rename {nearest[0]!r} to {key!r}" if nearest else "add the environment below it"
        raise EnvironmentFileError(f"{file.name}: {prefix}{key}: expected an object of keys and values; {mend}")
    return value
