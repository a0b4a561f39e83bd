"""Reading text: what is refused, and what is held out."""

import tempfile
from pathlib import Path

import pytest

pytest.importorskip("hypothesis")
from hypothesis import given
from hypothesis import strategies as st
from modelyard.workloads.failure import UserError
from modelyard.workloads.preprocess import text

pytestmark = pytest.mark.workloads


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; text to train on is needed"),
        (b" \n\t\n", "is empty"),
        (b"caf\xe9 au lait\n", "is not UTF-8 text: byte 0xe9 at position 3 is out of place"),
        (b"\x7fELF\x00\x01", "is not text: it contains zero bytes"),
    ],
)
def test_what_is_not_text_is_refused(tmp_path: Path, content: bytes, message: str):
    file = tmp_path / "data.txt"
    file.write_bytes(content)
    with pytest.raises(UserError, match=f"train_data {file} {message}"):
        text.read_documents(str(file), field="train_data")


def test_glancing_refuses_the_same_at_the_beginning(tmp_path: Path):
    file = tmp_path / "data.txt"
    for content, message in ((b"", "is empty"), (b"caf\xe9 au lait", "byte 0xe9"), (b"\0", "zero bytes")):
        file.write_bytes(content)
        with pytest.raises(UserError, match=message):
            text.glance(str(file), field="train_data")


@given(st.integers(0, 3), st.sampled_from(["a", "é", "€", "\U0001f600"]))
def test_glancing_may_cut_a_character(before: int, character: str):
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        file.write(b"x" * before + character.encode() * text.GLANCE_BYTES)
        file.flush()
        text.glance(file.name, field="train_data")


def test_a_path_that_is_not_there_says_what_is(tmp_path: Path):
    (tmp_path / "train.txt").write_text("x")
    with pytest.raises(UserError, match=f"does not exist; {tmp_path} holds train.txt"):
        text.read_documents(str(tmp_path / "trian.txt"), field="train_data")
    with pytest.raises(UserError, match=f"{tmp_path} is the deepest folder of it that exists"):
        text.read_documents(str(tmp_path / "a/b/c.txt"), field="train_data")


def test_a_folder_gives_its_text_files_in_order(tmp_path: Path):
    for name, content in {"b.txt": "second", "a.txt": "first", "c.md": "no"}.items():
        (tmp_path / name).write_text(content)
    assert text.read_documents(str(tmp_path), field="train_data") == ["first", "second"]


def test_a_folder_without_text_files_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match=r"holds no \*.txt files; allowed is"):
        text.read_documents(str(tmp_path), field="train_data")


def test_a_claim_is_read_where_it_is_mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MODELYARD_MOUNT_ROOT", str(tmp_path))
    (tmp_path / "data").mkdir()
    (tmp_path / "data/train.txt").write_text("on a claim")
    assert text.read_documents("pvc://data/train.txt", field="train_data") == ["on a claim"]


def test_objects_are_read_through_fsspec(monkeypatch: pytest.MonkeyPatch):
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    memory.pipe({"/bucket/set/a.txt": b"first", "/bucket/set/b.txt": b"second"})
    # The service is fsspec's own in-memory one; only the name of the protocol is exchanged.
    resolve = fsspec.core.url_to_fs
    monkeypatch.setattr(fsspec.core, "url_to_fs", lambda uri: resolve(uri.replace("s3://", "memory://")))
    assert text.read_documents("s3://bucket/set", field="train_data") == ["first", "second"]
    assert text.read_documents("s3://bucket/set/b.txt", field="train_data") == ["second"]
    with pytest.raises(UserError, match="s3://bucket/none does not exist"):
        text.read_documents("s3://bucket/none", field="train_data")


def test_the_last_tenth_is_held_out_and_nothing_is_in_both():
    lines = [f"line {number}\n" for number in range(1000)]
    corpus = text.hold_out(["".join(lines[:300]), "".join(lines[300:])], "/data")
    train, validation = "".join(corpus.train), "".join(corpus.validation)
    assert train + validation == "".join(lines)
    assert len(validation) / len(train + validation) == pytest.approx(0.1, abs=0.005)


@given(st.lists(st.text("ab\n", max_size=60), min_size=1, max_size=5))
def test_holding_out_divides_or_refuses(documents: list[str]):
    try:
        corpus = text.hold_out(documents, "/data")
    except UserError:
        return
    kept = "".join(document for document in documents if document.strip())
    assert "".join("".join([*corpus.train, *corpus.validation]).split()) == "".join(kept.split())


def test_one_long_line_cannot_be_divided():
    with pytest.raises(UserError, match="is one line, of which no tenth can be held out"):
        text.hold_out(["word " * 1000], "/data")
