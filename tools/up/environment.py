"""Reads a rendered stack file the way the program will, before the engine starts.

What is wrong with an environment is then told in a second, and the tools know its teams and volumes.
"""

from pathlib import Path

import yaml
from modelyard.stacks.environment.environment import KEY, Environment
from modelyard.stacks.validation.read import read


def read_environment(stack_file: Path) -> Environment:
    """The environment in `stack_file`.

    Raises:
        modelyard.stacks.validation.messages.EnvironmentFileError: with file, key path, value and what is allowed.
    """
    return read(yaml.safe_load(stack_file.read_text())["config"].get(KEY), stack_file.name)
