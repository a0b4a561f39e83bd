"""When a seed does not apply, nothing is touched. (Real ones: tests/cluster/test_images.py.)"""

import pytest

from tools.images import layout, seed, seeds
from tools.images.layout import ImageError


def test_small_images_need_no_seed(make_layout, tmp_path):
    pause = make_layout("pause", "0123456789ab", [b"layer"])
    assert seed(tmp_path / "root", [pause.ref]) is False
    assert not (tmp_path / "root").exists()


def test_root_with_data_is_left_alone(make_layout, tmp_path):
    runtime = make_layout("runtime", "aaaaaaaaaaaa", [b"runtime"])
    train = make_layout("train", "bbbbbbbbbbbb", [b"runtime", b"code"], runtime=runtime.ref)
    database = tmp_path / "root" / "io.containerd.metadata.v1.bolt" / "meta.db"
    database.parent.mkdir(parents=True)
    database.write_bytes(b"data")
    assert seed(tmp_path / "root", [train.ref]) is False
    assert [path for path in (tmp_path / "root").rglob("*") if path.is_file()] == [database]
    assert database.read_bytes() == b"data"


def test_unknown_reference_is_an_error(tmp_path):
    with pytest.raises(ImageError, match="is not in"):
        seed(tmp_path / "root", ["localhost/modelyard/train:ffffffffffff"])


def test_seeds_of_removed_runtimes_are_removed(make_layout):
    runtime = make_layout("runtime", "aaaaaaaaaaaa", [b"runtime"])
    folder = layout.root() / "seeds"
    for name, manifest in (("kept", runtime.manifest_digest), ("gone", "sha256:0")):
        (folder / name).mkdir(parents=True)
        (folder / name / "modelyard.json").write_text(f'{{"manifests": ["{manifest}"]}}')
    (folder / "cut-off").mkdir()
    seeds.prune()
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == ["kept"]
