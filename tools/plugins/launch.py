"""Entry point of the executables in `tools/plugins/bin`: `python launch.py NAME [ARGUMENT...]`.

It runs as a file, so that neither the current directory nor PYTHONPATH has to name the checkout; the programs of the
language host would inherit a PYTHONPATH.
"""

import sys
from pathlib import Path

# The first entry is this folder, whose module names must not hide others.
sys.path[0] = str(Path(__file__).resolve().parents[2])

if __name__ == "__main__":
    name, arguments = sys.argv[1], sys.argv[2:]
    if name == "language-python":
        from tools.plugins.language_python.host import main
    elif name == "resource-kubernetes":
        from tools.plugins.kubernetes.provider import main
    elif name == "resource-pulumi-python":
        from tools.plugins.dynamic_python.launch import main
    else:
        sys.exit(f"unknown plugin {name!r}; known are the files of tools/plugins/bin")
    main(arguments)
