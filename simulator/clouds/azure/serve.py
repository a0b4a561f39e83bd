"""Serves the simulated Azure; an executable of `tools/plugins/bin` ends here."""

from simulator.clouds.azure import AZURE
from simulator.clouds.provider import run


def main(arguments: list[str]) -> None:
    """Serve; the engine's address is the only argument."""
    run(AZURE, arguments)
