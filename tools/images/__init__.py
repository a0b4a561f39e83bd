"""Container images of the local environment: built once per content, loaded into a containerd that lacks them.

    refs = build(["pause", "coredns"], report=print)
    load(Path("/…/containerd.sock"), refs.values())

`python -m tools.images --help` does the same from a shell.
"""

from tools.images.catalog import NAMES, build, keys
from tools.images.containerd import load
from tools.images.layout import ImageError, Layout, list_layouts, resolve
from tools.images.seeds import seed

__all__ = ["NAMES", "ImageError", "Layout", "build", "keys", "list_layouts", "load", "resolve", "seed"]
