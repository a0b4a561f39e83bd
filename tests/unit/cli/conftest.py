"""The command as a function: arguments in; exit code, stdout and stderr out."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from modelyard.cli.main import main


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


@pytest.fixture
def modelyard(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Runs `modelyard ARGUMENTS` in this process, through the same `main` as the console script."""

    def run(*arguments: str) -> Answer:
        monkeypatch.setattr("sys.argv", ["modelyard", *arguments])
        with pytest.raises(SystemExit) as done:
            main()
        printed = capsys.readouterr()
        code = done.value.code
        return Answer(code if isinstance(code, int) else 0, printed.out, printed.err)

    return run
