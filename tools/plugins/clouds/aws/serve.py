"""Serves the simulated AWS; an executable of `tools/plugins/bin` ends here."""

from tools.plugins.clouds.aws import AWS
from tools.plugins.clouds.provider import run


def main(arguments: list[str]) -> None:
    """Serve; the engine's address is the only argument."""
    run(AWS, arguments)
