"""Command as a function: arguments in; exit code, stdout and stderr out."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from modelyard.cli.main import main


@dataclass(frozen=True)
class CommandResult:
    code: int
    out: str
    err: str


@pytest.fixture
def modelyard(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., CommandResult]:
    """Run `modelyard ARGUMENTS` in this process, through the same `main` as the console script."""

    def run(*arguments: str) -> CommandResult:
        monkeypatch.setattr("sys.argv", ["modelyard", *arguments])
        with pytest.raises(SystemExit) as exit_info:
            main()
        output = capsys.readouterr()
        code = exit_info.value.code
        return CommandResult(code if isinstance(code, int) else 0, output.out, output.err)

    return run
