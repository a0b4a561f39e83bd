"""URIs of data, models and results."""

from pathlib import Path

import pytest
from modelyard.workloads.preprocess.location import BadLocationError, Location, parse


@pytest.fixture(autouse=True)
def _mounts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MODELYARD_MOUNT_ROOT", "/volumes")


@pytest.mark.parametrize(
    ("uri", "want"),
    [
        ("/a/b", Location("/a/b", path=Path("/a/b"))),
        ("file:///a/b", Location("file:///a/b", path=Path("/a/b"))),
        ("pvc://data/a/b", Location("pvc://data/a/b", path=Path("/volumes/data/a/b"), claim="data")),
        ("pvc://data", Location("pvc://data", path=Path("/volumes/data"), claim="data")),
        ("s3://bucket/a", Location("s3://bucket/a", remote="s3://bucket/a")),
        ("hf://a/b", Location("hf://a/b", hub_id="a/b")),
        ("hf://a/b@v1", Location("hf://a/b@v1", hub_id="a/b", revision="v1")),
    ],
)
def test_the_known_forms(uri: str, want: Location):
    assert parse(uri) == want


@pytest.mark.parametrize(
    "uri", ["", "a/b", "./a", "http://x/y", "s3://", "hf://gpt2", "file://a", "pvc://", "pvc:///x"]
)
def test_everything_else_is_refused_with_what_is_allowed(uri: str):
    with pytest.raises(BadLocationError, match=r"allowed is an absolute path|the form is pvc://"):
        parse(uri)


def test_a_claim_cannot_be_left():
    with pytest.raises(BadLocationError, match=r"by '\.\.'"):
        parse("pvc://data/a/../../other")
