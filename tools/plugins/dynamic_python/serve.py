"""Run `pulumi.dynamic` as `python -m` would, and end with the engine.

The program's interpreter runs it as a file and need not know this checkout: standard library only.
"""

import os
import runpy
import sys
import threading
import time
from pathlib import Path

# A killed engine cannot stop its plugins, and `pulumi.dynamic` waits for ever. Seconds.
_PARENT_CHECK = 2.0


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_PARENT_CHECK)
    os._exit(0)


if __name__ == "__main__":
    # The program's folder comes first, as for the program: unpickled classes can be in its modules.
    sys.path[0] = str(Path.cwd())
    threading.Thread(target=_leave_with, args=(os.getppid(),), daemon=True).start()
    runpy.run_module("pulumi.dynamic", run_name="__main__", alter_sys=True)
