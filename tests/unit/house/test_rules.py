"""The house rules find what they are for; that the repository keeps them is in test_repository.py."""

from pathlib import Path

import pytest

from tools.house import rules
from tools.house.source import Source


def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> Source:
    """A file of its own that holds `text`."""
    monkeypatch.setattr("tools.house.source.CHECKOUT", tmp_path)
    (tmp_path / "module.py").write_text(text)
    return Source("module.py")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('"""What it does."""', id="module"),
        pytest.param('class Pool:\n    """Whose it is."""', id="class"),
        pytest.param('def check():\n    """Nothing, if it fits."""', id="function"),
        pytest.param('LIMIT = 3\n"""How many there may be."""', id="attribute"),
        pytest.param("#: Where it stands.\nLIMIT = 3", id="comment"),
    ],
)
def test_a_riddle_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str):
    assert len(list(rules.riddles(source(tmp_path, monkeypatch, text)))) == 1


def test_plain_docstrings_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    text = '"""Limits of a pool."""\n\ndef check():\n    """Refuse a pool that does not fit."""\n    return "What"\n'

    assert not list(rules.riddles(source(tmp_path, monkeypatch, text)))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("made = 1", id="assignment"),
        pytest.param("for told in (): pass", id="loop"),
        pytest.param("def f(whose): pass", id="parameter"),
        pytest.param("(judged := 1)", id="walrus"),
    ],
)
def test_a_pronoun_as_a_name_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str):
    assert len(list(rules.pronoun_names(source(tmp_path, monkeypatch, text)))) == 1


def test_imports_in_functions_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    text = "import os\n\ndef f():\n    import json\n    from pathlib import Path\n"

    assert [finding.line for finding in rules.local_imports(source(tmp_path, monkeypatch, text))] == [4, 5]


@pytest.mark.parametrize(("lines", "findings"), [(300, 0), (301, 1)])
def test_a_long_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: int, findings: int):
    assert len(list(rules.long_files(source(tmp_path, monkeypatch, "x = 1\n" * lines)))) == findings
