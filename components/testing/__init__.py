"""Tools for tests of programs that use these components: a recorder in the engine's place, and golden files."""

from modelyard.components.testing.golden import GoldenMismatchError, compare, difference
from modelyard.components.testing.recorder import SECRET, Recorder, Registered

__all__ = ["SECRET", "GoldenMismatchError", "Recorder", "Registered", "compare", "difference"]
