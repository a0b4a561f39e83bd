"""Resource types of AWS: ids in the form of the services (`vpc-…`), names, ARNs."""

import re
from collections.abc import Callable
from typing import Any

from simulator.clouds.account import fingerprint
from simulator.clouds.errors import CloudError
from simulator.clouds.resource_type import ResourceType, Rule, Subject, no_outputs
from simulator.clouds.schemas import ResourceSchema

#: Services whose ARNs name no region.
_GLOBAL = ("iam", "s3", "route53", "budgets")


def arn(subject: Subject, service: str, path: str) -> str:
    """Build an ARN in the account and region of a resource."""
    region = "" if service in _GLOBAL else subject.region
    account = "" if service == "s3" else subject.scope.account
    return f"arn:aws:{service}:{region}:{account}:{path}"


def aws_type(
    token: str,
    *,
    prefix: str = "",
    name: str = "",
    arn_of: tuple[str, str] = ("", ""),
    identifier: Callable[[Subject], str] | None = None,
    replace_on: tuple[str, ...] = (),
    computed: Callable[[Subject], dict[str, Any]] = no_outputs,
    rules: tuple[Rule, ...] = (),
    delete_rules: tuple[Rule, ...] = (),
    held_by: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
    seconds: float = 2.0,
) -> ResourceType:
    """Make a type of AWS.

    Args:
        token: type token without `aws:`.
        prefix: prefix of a generated id: `vpc` for `vpc-0123456789abcdef0`.
        name: input with the name, which is the id where there is no prefix.
        arn_of: service and path of the ARN, `{id}` replaced; empty: the type has none.
        identifier: function that returns the id where neither prefix nor name does.
        others: see `ResourceType`; tokens likewise without `aws:`.
    """

    def make(subject: Subject) -> str:
        if identifier is not None:
            return identifier(subject)
        if prefix:
            return f"{prefix}-{fingerprint(token, subject.cloud.serial())}"
        return subject.name

    def outputs(subject: Subject) -> dict[str, Any]:
        values: dict[str, Any] = {"tagsAll": subject.inputs.get("tags") or {}}
        service, path = arn_of
        if service:
            values["arn"] = arn(subject, service, path.format(id=subject.identifier))
        if name:
            values[name] = subject.name
        return {**values, **computed(subject)}

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
        held_by=tuple(f"aws:{reference}" for reference in held_by),
        needs=needs,
        seconds=seconds,
    )


def name_rule(pattern: str, words: str) -> Rule:
    """Make a rule for the pattern of a name; the id shows whether another resource has it."""
    compiled = re.compile(pattern)

    def rule(subject: Subject) -> None:
        if not compiled.fullmatch(subject.name):
            raise CloudError("ValidationError", f"'{subject.name}' is not a valid name; allowed: {words}")

    return rule


def unlisted(token: str, schema: ResourceSchema) -> ResourceType:
    """Make a type that is not in the table: a generated id, or its name, and no rules."""
    _, module, name = token.split(":")
    service = module.partition("/")[0]
    if "name" in schema.inputs:
        return aws_type(f"{module}:{name}", name="name", arn_of=(service, f"{name.lower()}/{{id}}"))
    return aws_type(f"{module}:{name}", prefix=name.lower(), arn_of=(service, f"{name.lower()}/{{id}}"))
