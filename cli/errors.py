"""Errors that are the user's to mend, described in one sentence; all others keep their traceback.

Functions of the command line import the planner, the catalogue and the presets only when they run: `--help` and shell
scripts would otherwise wait for pydantic, three quarters of a second on a slow machine. PLC0415 is off here for that.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from pydantic import ValidationError

USER_ERRORS = frozenset(
    {
        "modelyard.cli.errors.BadRequestError",
        "modelyard.workloads.hardware.catalogue.UnknownGpuError",
        "modelyard.workloads.hardware.catalogue.UnknownInstanceTypeError",
        "modelyard.workloads.hardware.prices.InvalidPricesError",
        "modelyard.workloads.planner.kaito.estimate.KaitoRefusesError",
        "modelyard.workloads.planner.kaito.skus.UnknownKaitoSkuError",
        "modelyard.workloads.presets.model_config.InvalidConfigError",
        "modelyard.workloads.presets.preset.InvalidPresetError",
        "modelyard.workloads.presets.preset.UnknownPresetError",
    }
)
"""Names of the errors: one that was raised has loaded its module already, and no other needs loading."""


class BadRequestError(ValueError):
    """A request that makes no sense; the message is the sentence to show."""


def describe_error(error: Exception) -> str | None:
    """Describe an error in one sentence, or return None for a bug."""
    names = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__}
    if names & USER_ERRORS:
        return str(error)
    if "pydantic_core._pydantic_core.ValidationError" in names:
        from modelyard.workloads.presets.field_errors import describe_errors

        return "; ".join(describe_errors(cast("ValidationError", error)))
    if isinstance(error, OSError):  # A full disk, a file that went away: the machine's fault, not a bug.
        return f"{error.filename or 'the output'}: {error.strerror or error}"
    return None


def describe_option_errors(error: "ValidationError", options: Mapping[str, str]) -> str:
    """Describe wrong values that came by options, with the options' names in place of the fields'."""
    from modelyard.workloads.presets.field_errors import describe_errors

    text = "; ".join(describe_errors(error))
    # The longer names first: `fine_tune.sequence_tokens` holds `sequence_tokens`.
    for field in sorted(options, key=len, reverse=True):
        text = re.sub(rf"(?<![\w.-]){re.escape(field)}(?![\w-])", options[field], text)
    return text
