"""Errors that are the user's to mend, told in one sentence; all others keep their traceback."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError

USER_ERRORS = frozenset(
    {
        "modelyard.cli.complaints.BadRequestError",
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
"""By name: an error that was raised has loaded its module already, and no other needs loading to tell it."""


class BadRequestError(ValueError):
    """What was asked makes no sense; the message is the sentence to show."""


def complaint(wrong: Exception) -> str | None:
    """What to say about an error, or None where it is a bug."""
    names = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(wrong).__mro__}
    if names & USER_ERRORS:
        return str(wrong)
    if "pydantic_core._pydantic_core.ValidationError" in names:
        return _fields(wrong)
    if isinstance(wrong, OSError):  # A full disk, a file that went away: the machine's fault, and told as such.
        return f"{wrong.filename or 'the output'}: {wrong.strerror or wrong}"
    return None


def as_options(wrong: "ValidationError", options: Mapping[str, str]) -> str:
    """What is wrong with values that came by options: the fields' names turned into those of the options."""
    from modelyard.workloads.presets.preset import complaints  # noqa: PLC0415 - pydantic is loaded by now

    text = "; ".join(re.sub(r"^([\w.]+): input should be ", r"\1 must be ", line) for line in complaints(wrong))
    # The longer names first: `fine_tune.sequence_tokens` holds `sequence_tokens`.
    for field in sorted(options, key=len, reverse=True):
        text = re.sub(rf"(?<![\w.-]){re.escape(field)}(?![\w-])", options[field], text)
    return text


def _fields(wrong: Exception) -> str:
    from modelyard.workloads.presets.preset import complaints  # noqa: PLC0415 - pydantic is loaded by now
    from pydantic import ValidationError  # noqa: PLC0415

    return "; ".join(complaints(wrong)) if isinstance(wrong, ValidationError) else str(wrong)
