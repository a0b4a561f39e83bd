"""What goes wrong between us and OpenShift Cluster Manager (OCM).

    OcmError
    ├── TokenError               no token, an expired one, or one that Red Hat's single sign-on refuses
    ├── UnreachableError         no answer
    │   └── AmbiguousError       no answer to a request that may have been carried out
    ├── ApiError                 an answer that is an error
    │   ├── NotFoundError        404
    │   └── ConflictError        409
    ├── InvalidAnswerError       an answer that is not what OCM documents
    ├── ForeignError             something of that name is there, and it is not ours
    ├── DifferentError           ours is there, but differs in a field that cannot be changed
    ├── WaitError                a wait ran out of time
    └── ProvisionError           OCM gave up on a cluster or a pool

No message ever holds a token, a password, or the body of a request.
"""

from collections.abc import Mapping
from typing import Any


class OcmError(RuntimeError):
    """Base of all errors of this package."""


class TokenError(OcmError):
    """There is no usable token; the message says where one comes from."""


class UnreachableError(OcmError):
    """OCM gave no answer, after all tries."""


class AmbiguousError(UnreachableError):
    """OCM gave no usable answer to a request that creates something; it may or may not have been carried out.

    Who asked must look before asking again.
    """


class InvalidAnswerError(OcmError):
    """OCM answered something that its specification does not allow."""


class ForeignError(OcmError):
    """Something of the wanted name exists and was not made by this program; it is left as it is."""


class DifferentError(OcmError):
    """What an earlier, interrupted run made differs from what is wanted in a field that cannot be changed."""


class WaitError(OcmError):
    """A wait ran out of time. What was waited for goes on by itself; the next `up` waits again."""


class ProvisionError(OcmError):
    """OCM reports that it gave up."""


class ApiError(OcmError):
    """OCM refused a request.

    Attributes:
        status: HTTP status.
        error_id: OCM's number for the error, a string on the wire although the specification says integer.
        code: e.g. `CLUSTERS-MGMT-404`.
        reason: OCM's sentence.
        operation_id: what Red Hat's support needs to find the request in its logs.
        details: further objects, e.g. the version gates that must be acknowledged.
    """

    def __init__(self, method: str, path: str, status: int, answer: Mapping[str, Any] | None = None) -> None:
        answer = answer or {}
        self.method, self.path, self.status = method, path, status
        self.error_id = str(answer.get("id", status))
        self.code = str(answer.get("code", ""))
        self.reason = str(answer.get("reason", "")) or "OCM gave no reason"
        self.operation_id = str(answer.get("operation_id", ""))
        details = answer.get("details")
        self.details: list[dict[str, Any]] = (
            [one for one in details if isinstance(one, dict)] if isinstance(details, list) else []
        )
        label = self.code or f"HTTP {status}"
        told = f"{label}: {self.reason} ({method} {path}"
        super().__init__(told + (f", operation {self.operation_id})" if self.operation_id else ")"))


class NotFoundError(ApiError):
    """What the path names is not there."""


class ConflictError(ApiError):
    """It is there already, or in a state that forbids the request."""


def of_answer(method: str, path: str, status: int, answer: Mapping[str, Any] | None) -> ApiError:
    """The error for an answer whose status says that it is one."""
    kind = {404: NotFoundError, 409: ConflictError}.get(status, ApiError)
    return kind(method, path, status, answer)
