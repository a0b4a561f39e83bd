"""Validation that all workspaces share: names, locations, and the configuration of the job or server."""

import re
from collections.abc import Iterable, Mapping, Sequence

from modelyard.components.common.errors import ArgumentError, ArgumentsError
from modelyard.components.common.validation import unknown_key
from modelyard.components.kubernetes.volume import VolumeArgs
from modelyard.workloads.preprocess.location import parse
from pydantic import ValidationError

_DNS_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")


def validate_workspace_name(name: str, longest: int) -> None:
    """Check that Kubernetes and KubeRay accept `name`.

    Raises:
        ArgumentError: it is longer than `longest`, or not a DNS label (RFC 1035).
    """
    if len(name) > longest:
        rule = f"has {len(name)} characters; allowed are {longest}"
        raise ArgumentError(name, "name", name, rule, "KubeRay 1.6.2, utils/validation.go")
    if not _DNS_LABEL.fullmatch(name):
        rule = (
            "must start with a lower-case letter, continue with lower-case letters, digits and '-', and end with a "
            "letter or digit"
        )
        raise ArgumentError(name, "name", name, rule, "RFC 1035, labels")


def list_claims(uris: Iterable[str | None], volumes: Sequence[VolumeArgs]) -> tuple[str, ...]:
    """List the claims that pods must mount to reach `uris` and `volumes`, each once, sorted."""
    claims = {parse(uri).claim for uri in uris if uri}
    return tuple(sorted({claim for claim in claims if claim} | {volume["claim"] for volume in volumes}))


def needs_internet(uris: Iterable[str | None]) -> bool:
    """Tell if any of `uris` is read from outside the cluster."""
    return any(parse(uri).path is None for uri in uris if uri)


def configuration_error(
    component: str, error: ValidationError, fields: Iterable[str], arguments: Mapping[str, str]
) -> ArgumentsError:
    """Attribute the faults of a job's or server's configuration to the arguments of its workspace.

    Args:
        component: name of the workspace.
        error: faults of the configuration.
        fields: fields of the configuration, of which `settings` may have any.
        arguments: path of the argument that each other field comes from.
    """
    faults = []
    for detail in error.errors(include_url=False):
        field, *rest = (str(key) for key in detail["loc"]) if detail["loc"] else ("",)
        path = arguments.get(field, f"settings.{field}" if field else "")
        value = detail["input"] if field and isinstance(detail["input"], str | int | float) else None
        text = detail["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
        match detail["type"]:
            case "extra_forbidden":
                text = unknown_key(field, fields)
            case "missing":
                text = "is required"
            case "enum" | "literal_error":
                text = f"must be one of {detail.get('ctx', {}).get('expected')}"
            case _:
                text = text[:1].lower() + text[1:]
        faults.append(ArgumentError(component, ".".join([path, *rest]), value, text))
    return ArgumentsError(faults)
