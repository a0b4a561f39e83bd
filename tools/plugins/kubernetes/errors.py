"""Errors between the provider and a cluster. Every text is a sentence for the person who runs `pulumi`.

ClusterError
├── KubeconfigError     the kubeconfig cannot be read or does not say which cluster
├── UnreachableError    no answer from the API server
├── ApiError            the API server refused
├── UnknownKindError    the API server does not know the kind (a definition is missing)
├── CancelledError      the operation was cancelled while it waited
└── NotReadyError       the object exists but did not become ready
"""

from typing import Any

from tools.plugins.answers import ProviderError


class ClusterError(ProviderError):
    """Base of all errors that are shown to the person as they are."""


class KubeconfigError(ClusterError):
    """The kubeconfig cannot be read, or it does not say which cluster and user to take."""


class UnreachableError(ClusterError):
    """The API server did not answer."""


class UnknownKindError(ClusterError):
    """The API server does not know this apiVersion and kind."""

    def __init__(self, api_version: str, kind: str) -> None:
        super().__init__(
            f"the API server does not know the kind {kind} of {api_version}: "
            "install the operator or the CustomResourceDefinition that defines it first"
        )


class CancelledError(ClusterError):
    """The person pressed Ctrl-C, or the engine cancelled."""


class NotReadyError(ClusterError):
    """The object was written but did not become ready; `reasons` says why, newest facts last."""

    def __init__(self, reasons: list[str], live: dict[str, Any]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons
        self.live = live


class ApiError(ClusterError):
    """The API server answered with an error status.

    Attributes:
        status: the HTTP code.
        reason: the machine-readable reason of Kubernetes, such as `Conflict`, `Invalid`, `AlreadyExists`.
        causes: the causes of the status object: dicts with `reason`, `message`, `field`.
    """

    def __init__(self, status: int, body: dict[str, Any], fallback: str) -> None:
        self.status = status
        self.reason = str(body.get("reason", ""))
        self.causes: list[dict[str, Any]] = (body.get("details") or {}).get("causes") or []
        super().__init__(str(body.get("message") or fallback or f"HTTP status {status}"))

    @property
    def is_not_found(self) -> bool:
        """True if the object, or its kind, does not exist."""
        return self.status == 404

    @property
    def is_field_conflict(self) -> bool:
        """True if server-side apply met fields that another manager owns."""
        return self.status == 409 and any(cause.get("reason") == "FieldManagerConflict" for cause in self.causes)

    @property
    def is_namespace_missing(self) -> bool:
        """True if the namespace of the object, not the object itself, does not exist."""
        return self.is_not_found and str(self).startswith('namespaces "')

    @property
    def is_immutable(self) -> bool:
        """True if a field was changed that the API server lets nobody change."""
        return self.status == 422 and "immutable" in str(self)

    @property
    def is_webhook_starting(self) -> bool:
        """True if an admission webhook could not be called, as happens while its operator starts."""
        return self.status == 500 and "failed calling webhook" in str(self)
