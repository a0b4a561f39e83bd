"""Entry point of the executables in `simulator/bin`: `python launch.py CLOUD [OPTION...] ENGINE_ADDRESS`.

It runs as a file, so that neither the current directory nor PYTHONPATH has to name the checkout.
"""

import sys
from pathlib import Path

# The first entry is this folder, whose module names must not hide others.
sys.path[0] = str(Path(__file__).resolve().parents[2])

if __name__ == "__main__":
    from simulator.clouds.provider import run

    name, arguments = sys.argv[1], sys.argv[2:]
    if name == "azure":
        from simulator.clouds.azure import AZURE as CLOUD
    elif name == "aws":
        from simulator.clouds.aws import AWS as CLOUD
    else:
        sys.exit(f"unknown cloud {name!r}; simulated are azure and aws")
    run(CLOUD, arguments)
