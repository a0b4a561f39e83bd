"""Errors of the simulated clouds."""

from tools.plugins.answers import ProviderError


class CloudError(ProviderError):
    """Refusal or failure of the cloud, before or during an operation.

    Args:
        code: error code of the cloud, such as `AllocationFailed`.
        message: a sentence.
        exists: True if the resource exists nevertheless: the operation was accepted, then failed.
    """

    def __init__(self, code: str, message: str, *, exists: bool = False) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.exists = exists
