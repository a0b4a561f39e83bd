"""Resource types of AWS: ids as the services give them out (`vpc-…`), names as they are, ARNs."""

import re
from collections.abc import Callable
from typing import Any

from simulator.clouds.account import fingerprint
from simulator.clouds.errors import CloudError
from simulator.clouds.resource_type import ResourceType, Rule, Subject, nothing
from simulator.clouds.shapes import Shape

#: Services whose ARNs name no region.
_GLOBAL = ("iam", "s3", "route53", "budgets")


def arn(subject: Subject, service: str, path: str) -> str:
    """An ARN in the account and region of a resource."""
    region = "" if service in _GLOBAL else subject.region
    account = "" if service == "s3" else subject.place.account
    return f"arn:aws:{service}:{region}:{account}:{path}"


def aws_type(
    token: str,
    *,
    prefix: str = "",
    name: str = "",
    arn_of: tuple[str, str] = ("", ""),
    identifier: Callable[[Subject], str] | None = None,
    replace_on: tuple[str, ...] = (),
    computed: Callable[[Subject], dict[str, Any]] = nothing,
    rules: tuple[Rule, ...] = (),
    delete_rules: tuple[Rule, ...] = (),
    held_by: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
    seconds: float = 2.0,
) -> ResourceType:
    """A type of AWS.

    Args:
        token: without `aws:`.
        prefix: of a generated id: `vpc` for `vpc-0123456789abcdef0`.
        name: the input that is its name and, without a prefix, its id.
        arn_of: service and path of its ARN, `{id}` replaced; empty: it has none.
        identifier: makes the id where neither prefix nor name does.
        others: see `ResourceType`; tokens likewise without `aws:`.
    """

    def make(subject: Subject) -> str:
        if identifier is not None:
            return identifier(subject)
        if prefix:
            return f"{prefix}-{fingerprint(token, subject.cloud.serial())}"
        return subject.name

    def outputs(subject: Subject) -> dict[str, Any]:
        found: dict[str, Any] = {"tagsAll": subject.inputs.get("tags") or {}}
        service, path = arn_of
        if service:
            found["arn"] = arn(subject, service, path.format(id=subject.identifier))
        if name:
            found[name] = subject.name
        return {**found, **computed(subject)}

    return ResourceType(
        token=f"aws:{token}",
        identifier=make,
        name=name,
        suffix=7,
        separator="-",
        # `region` is an input of every resource since version 7 of the provider.
        replace_on=(*((name,) if name else ()), "region", *replace_on),
        computed=outputs,
        rules=rules,
        delete_rules=delete_rules,
        held_by=tuple(f"aws:{one}" for one in held_by),
        needs=needs,
        seconds=seconds,
    )


def name_rule(pattern: str, words: str) -> Rule:
    """A name of this pattern; that nobody else has it is seen by the id."""
    compiled = re.compile(pattern)

    def rule(subject: Subject) -> None:
        if not compiled.fullmatch(subject.name):
            raise CloudError("ValidationError", f"'{subject.name}' is not a valid name: {words}")

    return rule


def unlisted(token: str, shape: Shape) -> ResourceType:
    """A type that is not in the table: an id of its own, or its name; no rules."""
    _, module, name = token.split(":")
    service = module.partition("/")[0]
    if "name" in shape.inputs:
        return aws_type(f"{module}:{name}", name="name", arn_of=(service, f"{name.lower()}/{{id}}"))
    return aws_type(f"{module}:{name}", prefix=name.lower(), arn_of=(service, f"{name.lower()}/{{id}}"))
