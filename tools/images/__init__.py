"""Container images of the local environment: built once per content, loaded where they are missing.

    refs = build(["pause", "coredns"], report=print)
    load(Path("/…/containerd.sock"), refs.values())

`python -m tools.images --help` does the same from a shell.
"""

from tools.images.catalog import NAMES, build, keys
from tools.images.containerd import load
from tools.images.layout import ImageError, Layout, resolve, stored
from tools.images.seeds import seed

__all__ = ["NAMES", "ImageError", "Layout", "build", "keys", "load", "resolve", "seed", "stored"]
