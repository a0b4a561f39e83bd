"""Answers of a provider to the engine: differences, errors with a readable text, and objects that are not ready."""

from typing import Any, NoReturn

import grpc
from google.protobuf import any_pb2

from tools.plugins.diff import Change, Difference
from tools.plugins.protocol import provider_pb2, status_pb2
from tools.plugins.wire import encode_struct


class ProviderError(Exception):
    """Base of all errors of a provider whose text is shown to the person unchanged."""


_KINDS = {
    (Change.ADD, False): provider_pb2.PropertyDiff.ADD,
    (Change.ADD, True): provider_pb2.PropertyDiff.ADD_REPLACE,
    (Change.DELETE, False): provider_pb2.PropertyDiff.DELETE,
    (Change.DELETE, True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    (Change.UPDATE, False): provider_pb2.PropertyDiff.UPDATE,
    (Change.UPDATE, True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


def diff_response(differences: list[Difference]) -> provider_pb2.DiffResponse:
    """Convert differences to the protocol's message."""
    response = provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if differences else provider_pb2.DiffResponse.DIFF_NONE,
        hasDetailedDiff=True,
        diffs=list(dict.fromkeys(str(difference.path[0]) for difference in differences)),
        replaces=[difference.property_path for difference in differences if difference.replaces],
    )
    for difference in differences:
        response.detailedDiff[difference.property_path].kind = _KINDS[difference.change, difference.replaces]
    return response


class ErrorReport:
    """Context of one call that turns a refusal into a gRPC error with the same text."""

    def __init__(self, context: grpc.ServicerContext) -> None:
        self._context = context

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        # A plain Go error becomes UNKNOWN: the engine prints its text and continues with other resources.
        if isinstance(error, ProviderError | ValueError):
            self._context.abort(grpc.StatusCode.UNKNOWN, str(error))


def fail_partially(
    context: grpc.ServicerContext,
    identifier: str,
    outputs: dict[str, Any],
    reasons: tuple[str, ...],
    inputs: dict[str, Any] | None = None,
) -> NoReturn:
    """Tell the engine that the object exists but is not ready: it stays in the state, and the next `up` repairs it."""
    detail = provider_pb2.ErrorResourceInitFailed(
        id=identifier, properties=encode_struct(outputs), reasons=list(reasons), inputs=encode_struct(inputs or {})
    )
    packed = any_pb2.Any()
    packed.Pack(detail)
    message = f"{identifier} exists but is not ready: {'; '.join(reasons)}"
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=message, details=[packed])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, message)
    raise AssertionError
