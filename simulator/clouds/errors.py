"""What the simulated clouds answer when they refuse or fail."""

from tools.plugins.answers import ProviderError


class CloudError(ProviderError):
    """A refusal or failure of the cloud, before or while something was done.

    Args:
        code: the cloud's own code, such as `AllocationFailed`.
        message: a sentence.
        exists: whether the resource is in the cloud nevertheless: the operation was accepted, then failed.
    """

    def __init__(self, code: str, message: str, *, exists: bool = False) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.exists = exists
