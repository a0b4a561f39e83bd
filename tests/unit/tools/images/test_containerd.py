from pathlib import Path

import pytest

from tools.images import containerd


@pytest.mark.timeout(20)
def test_import_that_is_interrupted_ends_at_once(monkeypatch):
    """`cat` stands for `ctr`: it, too, reads its input to the end before it says anything."""

    def interrupted(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(containerd.Containerd, "_command", lambda _self, *_arguments: ["cat"])
    monkeypatch.setattr(containerd, "write_stream", interrupted)
    with pytest.raises(KeyboardInterrupt):
        containerd.Containerd(Path("socket")).import_([], [])
