"""Serves the simulated Azure; an executable of `tools/plugins/bin` ends here."""

from tools.plugins.clouds.azure import AZURE
from tools.plugins.clouds.provider import run


def main(arguments: list[str]) -> None:
    """Serve; the engine's address is the only argument."""
    run(AZURE, arguments)
