"""Errors of the exchange with OpenShift Cluster Manager (OCM).

    OcmError
    ├── TokenError               no token, an expired one, or one that Red Hat's single sign-on refuses
    ├── UnreachableError         no answer
    │   └── AmbiguousError       no answer to a request that may have been carried out
    ├── ApiError                 an answer that is an error
    │   ├── NotFoundError        404
    │   └── ConflictError        409
    ├── InvalidAnswerError       an answer that OCM does not document
    ├── ForeignError             a resource of that name exists and is not ours
    ├── DifferentError           our resource exists and differs in a field that cannot be changed
    ├── WaitError                a wait ran out of time
    └── ProvisionError           OCM gave up on a cluster or a pool

No message holds a token, a password, or the body of a request.
"""

from collections.abc import Mapping
from typing import Any


class OcmError(RuntimeError):
    """Base of all errors of this package."""


class TokenError(OcmError):
    """No usable token; the message says where to get one."""


class UnreachableError(OcmError):
    """OCM gave no answer, after all attempts."""


class AmbiguousError(UnreachableError):
    """OCM gave no usable answer to a creation, which may or may not have been carried out.

    The caller must look for the resource before asking again.
    """


class InvalidAnswerError(OcmError):
    """OCM gave an answer that its specification does not allow."""


class ForeignError(OcmError):
    """A resource of the same name was not created by this program; it is left as it is."""


class DifferentError(OcmError):
    """A resource of an earlier, interrupted run differs in a field that cannot be changed."""


class WaitError(OcmError):
    """A wait ran out of time. OCM goes on by itself, and the next `up` waits again."""


class ProvisionError(OcmError):
    """OCM reports that it gave up."""


class ApiError(OcmError):
    """OCM refused a request.

    Attributes:
        status: HTTP status.
        error_id: OCM's number of the error: text on the wire, although the specification says integer.
        code: code such as `CLUSTERS-MGMT-404`.
        reason: OCM's sentence.
        operation_id: id by which Red Hat's support finds the request in its logs.
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
            [detail for detail in details if isinstance(detail, dict)] if isinstance(details, list) else []
        )
        operation = f", operation {self.operation_id}" if self.operation_id else ""
        super().__init__(f"{self.code or f'HTTP {status}'}: {self.reason} ({method} {path}{operation})")


class NotFoundError(ApiError):
    """The path names nothing that exists."""


class ConflictError(ApiError):
    """The resource exists already, or is in a state that forbids the request."""


def error_from_answer(method: str, path: str, status: int, answer: Mapping[str, Any] | None) -> ApiError:
    """Build the error for an answer with the status of an error."""
    kind = {404: NotFoundError, 409: ConflictError}.get(status, ApiError)
    return kind(method, path, status, answer)
