"""Reading of a rendered stack file by the program's own reader, before the engine starts.

So a fault in an environment is reported within a second, and the tools know its teams and volumes.
"""

from pathlib import Path

import yaml
from modelyard.stacks.environment.environment import KEY, Environment
from modelyard.stacks.validation import read


def read_environment(stack_file: Path) -> Environment:
    """Read and validate the environment in `stack_file`.

    Raises:
        modelyard.stacks.validation.messages.EnvironmentFileError: with file, key path, value and what is allowed.
    """
    return read.read_environment(yaml.safe_load(stack_file.read_text())["config"].get(KEY), stack_file.name).environment
