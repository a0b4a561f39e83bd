"""The key: another value, name or file content gives another key; nothing else does."""

import os

from hypothesis import given
from hypothesis import strategies as st

from tools.images.content_key import DIGITS, content_key, file_digest

PARTS = st.dictionaries(st.text(min_size=1), st.text(), min_size=1, max_size=5)


@given(PARTS)
def test_order_of_the_parts_does_not_matter(parts):
    assert content_key(parts) == content_key(dict(reversed(parts.items())))


@given(PARTS, PARTS)
def test_equal_parts_and_only_they_have_an_equal_key(first, second):
    assert (content_key(first) == content_key(second)) is (first == second)


def test_key_is_twelve_hex_digits():
    assert len(content_key({"a": "b"})) == DIGITS == 12
    assert int(content_key({"a": "b"}), 16) >= 0


def test_file_counts_by_its_content_only(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(b"content")
    other.write_bytes(b"content")
    other.chmod(0o600)
    os.utime(other, (0, 0))
    key = content_key({"file": one})
    assert content_key({"file": other}) == key
    other.write_bytes(b"Content")
    assert content_key({"file": other}) != key


def test_text_and_a_file_with_that_text_are_the_same_content(tmp_path):
    (tmp_path / "file").write_text("content")
    assert content_key({"part": tmp_path / "file"}) == content_key({"part": "content"})


def test_digest_is_the_well_known_one(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")
    # FIPS 180-2, appendix B.1.
    assert file_digest(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
