"""Layouts in the cache: whole or absent, shared by links, pruned without pulling them from under anyone."""

import json
import os

import pytest

from tools.images import layout
from tools.images.layout import GRACE, ImageError


def test_written_layout_is_found_under_its_reference(make_layout):
    image = make_layout("pause", "0123456789ab", [b"layer"])
    assert image.ref == "localhost/modelyard/pause:0123456789ab"
    assert layout.find("pause", "0123456789ab") == layout.resolve(image.ref) == image
    assert layout.list_layouts() == [image]


def test_layout_without_its_record_does_not_count(make_layout):
    image = make_layout("pause", "0123456789ab", [b"layer"])
    (image.folder / "modelyard.json").unlink()
    assert layout.find("pause", "0123456789ab") is None
    assert layout.list_layouts() == []


def test_index_has_the_names_that_containerd_reads(make_layout):
    image = make_layout("train", "0123456789ab", [b"layer"])
    entry = json.loads((image.folder / "index.json").read_text())["manifests"]
    assert entry == [
        {
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": image.manifest_digest,
            "size": image.blob(image.manifest_digest).stat().st_size,
            "annotations": {
                "io.containerd.image.name": "localhost/modelyard/train:0123456789ab",
                "org.opencontainers.image.ref.name": "0123456789ab",
            },
        }
    ]


@pytest.mark.parametrize("ref", ["localhost/modelyard/pause:ffffffffffff", "docker.io/library/pause:3", "pause", ""])
def test_unknown_reference_is_refused_with_the_stored_ones(make_layout, ref):
    image = make_layout("pause", "0123456789ab", [b"layer"])
    with pytest.raises(
        ImageError, match=r"is not in .*stored: localhost/modelyard/pause:0123456789ab.*build"
    ) as caught:
        layout.resolve(ref)
    assert repr(ref) in str(caught.value)
    assert image.folder.exists()


def test_shared_blobs_are_links_and_cost_nothing(make_layout, tmp_path):
    image = make_layout("runtime", "0123456789ab", [b"big"])
    layout.share_blobs(image.folder, tmp_path / "other")
    digest = image.layers()[0]
    assert image.blob(digest).samefile(layout.blob_path(tmp_path / "other", digest))


class TestPrune:
    """Three of a name: the oldest goes, but only some time after it was last asked for."""

    @pytest.fixture
    def three(self, make_layout):
        image = [make_layout("train", f"{number:012d}", [b"%d" % number]) for number in range(3)]
        for age, found in zip((30, 20, 10), image, strict=True):
            _age(found, age)
        return image

    def test_last_two_of_a_name_stay(self, three):
        later = three[-1].last_used() + GRACE * 2
        assert layout.prune(now=later) == [three[0]]
        assert {found.record.key for found in layout.list_layouts()} == {three[1].record.key, three[2].record.key}

    def test_recently_used_layout_stays(self, three):
        assert layout.prune(now=three[-1].last_used() + 1) == []

    def test_use_protects_a_layout(self, three):
        three[0].touch()
        later = three[0].last_used() + GRACE * 2
        assert layout.prune(now=later) == [three[1]]

    def test_other_names_do_not_count(self, three, make_layout):
        other = make_layout("serve", "0123456789ab", [b"x"])
        later = three[-1].last_used() + GRACE * 2
        assert layout.prune(now=later) == [three[0]]
        assert other.folder.exists()

    def test_images_are_removed_with_their_runtime(self, make_layout):
        old = make_layout("runtime", "aaaaaaaaaaaa", [b"old"])
        on_old = make_layout("train", "bbbbbbbbbbbb", [b"old", b"code"], runtime=old.ref)
        _age(old, 20)
        new = make_layout("runtime", "cccccccccccc", [b"new"])
        on_new = make_layout("train", "dddddddddddd", [b"new", b"code"], runtime=new.ref)
        gone = layout.prune(now=new.last_used() + GRACE * 2)
        assert gone == [old, on_old]
        assert layout.list_layouts() == [new, on_new]


def _age(found: layout.Layout, seconds: float) -> None:
    """Make a layout look last used so long ago."""
    moment = found.last_used() - seconds
    os.utime(found.folder / "modelyard.json", (moment, moment))
