"""Suites of `make test`, and the virtual environment of each.

Three virtual environments cannot import each other's packages (protobuf 5 against a newer one, torch), so `make test`
is several pytest runs. Three lanes: the local platform, which mostly waits and takes longest; Pulumi's engine; and the
suites that compute. The last two yield to the first, so that its clocks measure a platform and not the other tests.
"""

from dataclasses import dataclass
from pathlib import Path

from tools.setup.locations import CHECKOUT

_CONTROL = CHECKOUT / ".venv" / "bin" / "python"
_WORKLOADS = CHECKOUT / ".venv-workloads" / "bin" / "python"
_POLICIES = CHECKOUT / "policies" / ".venv" / "bin" / "python"


@dataclass(frozen=True, kw_only=True)
class Suite:
    """One run of pytest."""

    name: str
    command: tuple[str, ...]
    yields: bool = True
    """True when the suite runs at the lowest priority, below the suites that wait for a real platform (Ray lowers its
    workers' to 15)."""

    def junit(self, folder: Path) -> Path:
        """Return the path of the suite's machine-readable result."""
        return folder / f"{self.name.replace(' ', '-')}.xml"


def _pytest(name: str, python: Path, *arguments: str, yields: bool = True) -> Suite:
    command = (str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments)
    return Suite(name=name, command=command, yields=yields)


_MAIN = ("tests", "--ignore=tests/policies", "--ignore=tests/workloads", "-m")

LANES: tuple[tuple[Suite, ...], ...] = (
    (_pytest("cluster", _CONTROL, *_MAIN, "cluster and not engine", yields=False),),
    (_pytest("engine", _CONTROL, *_MAIN, "engine and not cluster"),),
    (
        _pytest("unit", _CONTROL, *_MAIN, "not engine and not cluster and not workloads"),
        _pytest("policies", _POLICIES, "tests/policies"),
        _pytest("workloads", _WORKLOADS, "tests/workloads"),
        _pytest("conformance", _CONTROL, *_MAIN, "engine and cluster"),
    ),
)
