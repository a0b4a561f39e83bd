"""Which suites there are, and where each runs.

Three virtual environments cannot import each other's packages (protobuf 5 against a newer one, torch), so `make test`
is several pytest runs. Two lanes: one for what waits for a cluster, one for what computes.
"""

from dataclasses import dataclass
from pathlib import Path

from tools.setup.locations import CHECKOUT

_CONTROL = CHECKOUT / ".venv" / "bin" / "python"
_WORKLOADS = CHECKOUT / ".venv-workloads" / "bin" / "python"
_POLICIES = CHECKOUT / "policies" / ".venv" / "bin" / "python"


@dataclass(frozen=True, kw_only=True)
class Suite:
    """One pytest run, or one checker."""

    name: str
    command: tuple[str, ...]
    is_pytest: bool = True

    def junit(self, folder: Path) -> Path:
        """Where its machine-readable result goes."""
        return folder / f"{self.name.replace(' ', '-')}.xml"


def _pytest(name: str, python: Path, *arguments: str) -> Suite:
    return Suite(name=name, command=(str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments))


_LINT = "ruff format --check -q . && ruff check -q . && pyright && pyright -p policies && lint-imports"

_MAIN = ("tests", "--ignore=tests/policies", "--ignore=tests/workloads", "-m")

LANES: tuple[tuple[Suite, ...], ...] = (
    # Alone it is as long as all the others together.
    (_pytest("cluster", _CONTROL, *_MAIN, "cluster"),),
    (
        Suite(name="lint", command=("bash", "-c", f"PATH={_CONTROL.parent}:$PATH; {_LINT}"), is_pytest=False),
        _pytest("unit", _CONTROL, *_MAIN, "not engine and not cluster and not workloads"),
        _pytest("policies", _POLICIES, "tests/policies"),
        _pytest("engine", _CONTROL, *_MAIN, "engine and not cluster"),
        _pytest("workloads", _WORKLOADS, "tests/workloads"),
    ),
)
