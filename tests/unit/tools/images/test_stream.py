"""The import stream: complete for a bare containerd, without the layers that another already has."""

import hashlib
import io
import json
import tarfile

import pytest

from tools.images.containerd import load, stream_members, write_stream
from tools.images.layout import ImageError


@pytest.fixture
def images(make_layout):
    """Two images on one common layer."""
    common = b"common" * 1000
    return make_layout("train", "aaaaaaaaaaaa", [common, b"train"]), make_layout(
        "serve", "bbbbbbbbbbbb", [common, b"serve"]
    )


def names(layouts, present=()):
    return [name for name, _ in stream_members(layouts, present)]


def blob(digest):
    return f"blobs/sha256/{digest.removeprefix('sha256:')}"


def test_bare_containerd_gets_every_blob_once(images):
    sent = names(images)
    assert sent[:2] == ["oci-layout", "index.json"]
    assert sorted(sent[2:]) == sorted({blob(digest) for image in images for digest in image.digests()})


def test_present_layers_are_left_out(images):
    train, _ = images
    common, own = train.layers()
    sent = names([train], present={common})
    assert blob(common) not in sent
    assert blob(own) in sent


def test_manifest_and_configuration_are_always_sent(images):
    train, _ = images
    sent = names([train], present=set(train.digests()))
    assert sent[2:] == [blob(train.manifest()["config"]["digest"]), blob(train.manifest_digest)]


def test_index_lists_all_images_of_the_stream(images):
    content = dict(stream_members(images, ()))["index.json"]
    assert isinstance(content, bytes)
    listed = json.loads(content)["manifests"]
    assert [entry["annotations"]["io.containerd.image.name"] for entry in listed] == [image.ref for image in images]


def test_archive_members_have_their_digests(images):
    file = io.BytesIO()
    write_stream(file, images, ())
    with tarfile.open(fileobj=io.BytesIO(file.getvalue())) as archive:
        blobs = [member for member in archive if member.name.startswith("blobs/")]
        for member in blobs:
            content = archive.extractfile(member)
            assert content is not None
            assert hashlib.sha256(content.read()).hexdigest() == member.name.rpartition("/")[2]
    assert len(blobs) == 7


def test_load_without_a_listener_fails_at_once(images, tmp_path):
    with pytest.raises(ImageError, match=r"no containerd listens at .*nothing\.sock.*tools\.cluster up"):
        load(tmp_path / "nothing.sock", [images[0].ref])
