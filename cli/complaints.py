"""Errors that are the user's to mend, told in one sentence; all others keep their traceback."""


class BadRequestError(ValueError):
    """What was asked makes no sense; the message is the sentence to show."""


def complaint(wrong: Exception) -> str | None:
    """What to say about an error, or None where it is a bug.

    The modules that define the errors are looked up only now: most runs never need them.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - see above

    if isinstance(wrong, ValidationError):
        from modelyard.workloads.presets.preset import complaints  # noqa: PLC0415

        return "; ".join(complaints(wrong))
    if isinstance(wrong, _user_errors()):
        return str(wrong)
    return None


def _user_errors() -> tuple[type[Exception], ...]:
    from modelyard.workloads.hardware import catalogue, prices  # noqa: PLC0415
    from modelyard.workloads.planner import kaito, kaito_skus  # noqa: PLC0415
    from modelyard.workloads.presets import preset  # noqa: PLC0415

    return (
        BadRequestError,
        catalogue.UnknownGpuError,
        catalogue.UnknownInstanceTypeError,
        kaito.KaitoRefusesError,
        kaito_skus.UnknownKaitoSkuError,
        preset.InvalidPresetError,
        preset.UnknownPresetError,
        prices.InvalidPricesError,
    )
