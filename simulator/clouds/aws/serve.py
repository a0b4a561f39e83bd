"""Serves the simulated AWS; an executable of `tools/plugins/bin` ends here."""

from simulator.clouds.aws import AWS
from simulator.clouds.provider import run


def main(arguments: list[str]) -> None:
    """Serve; the engine's address is the only argument."""
    run(AWS, arguments)
