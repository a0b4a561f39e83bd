"""The policies that the engine runs: the rules, wrapped for pulumi-policy.

There is one policy per level and scope, not one per rule, because pulumi-policy decodes the properties of a resource
again for each policy (0.1 ms for a Deployment, far more for a large CRD), and because a level belongs to a policy.
Nothing here starts a server: only `__main__.py` makes the `PolicyPack`, which blocks for ever.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from modelyard.policies.rules import (
    POLICIES,
    UNKNOWN,
    BadConfigurationError,
    Exemption,
    Level,
    Resource,
    Settings,
    concerns,
    concerns_stack,
    evaluate_resource,
    evaluate_stack,
    kind_of,
    read_settings,
    schema,
)
from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

_STACK = "pulumi:pulumi:Stack"


class UndecidedRulesError(UnknownValueError):
    """Raised at the end of a policy when single rules met unknown values; the engine shows the text as an advisory."""

    def __init__(self, subject: str, undecided: Sequence[tuple[str, str]]) -> None:
        super().__init__(UNKNOWN_STRING_VALUE, [path for _, path in undecided])
        rules = "; ".join(f"{rule} needs {path}" for rule, path in undecided)
        self.message = f"{subject}: not known before `pulumi up`: {rules}. All other rules were applied."


def policies() -> list[ResourceValidationPolicy | StackValidationPolicy]:
    """List the policies of the pack, in the order of `POLICIES`."""
    resources, resources_advice, stack, stack_advice = POLICIES
    return [
        ResourceValidationPolicy(
            name=resources,
            description="Guardrails for workloads, images, credentials, namespaces and clouds (docs/policies.md).",
            validate=_resource_validator(Level.MANDATORY),
            **_options(Level.MANDATORY),
        ),
        ResourceValidationPolicy(
            name=resources_advice,
            description="Advice on workloads, and exemptions in force (docs/policies.md).",
            validate=_resource_validator(Level.ADVISORY),
            **_options(Level.ADVISORY),
        ),
        StackValidationPolicy(
            name=stack,
            description="Guardrails for the stack as a whole: quota, capacity, tenant namespaces (docs/policies.md).",
            validate=_stack_validator(Level.MANDATORY),
            **_options(Level.MANDATORY),
        ),
        StackValidationPolicy(
            name=stack_advice,
            description="Advice on the stack as a whole (docs/policies.md).",
            validate=_stack_validator(Level.ADVISORY),
            **_options(Level.ADVISORY),
        ),
    ]


def _options(level: Level) -> dict[str, Any]:
    """Return the options that all policies of one level share."""
    return {
        "enforcement_level": EnforcementLevel(level.value),
        "severity": Severity.HIGH if level is Level.MANDATORY else Severity.LOW,
        "config_schema": PolicyConfigSchema(properties=schema()),
    }


def plain(value: Any) -> Any:
    """Convert `value` to plain dicts and lists, with `UNKNOWN` for values that Pulumi does not have yet.

    Takes pulumi-policy's proxies, which look like containers and are none for `isinstance` and `==`. Numbers come as
    floats over the wire; whole ones are made integers again.
    """
    if isinstance(value, Mapping):
        return {key: _member(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_member(value, index) for index in range(len(value))]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _member(container: Any, key: Any) -> Any:
    try:
        return plain(container[key])
    except UnknownValueError:
        return UNKNOWN


def _resource_validator(level: Level) -> Callable[[ResourceValidationArgs, ReportViolation], None]:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        settings = _settings(args, report if args.resource_type == _STACK else None)
        if settings is None or not concerns(kind_of(args.resource_type)):
            return
        resource = _resource(args)
        verdict = evaluate_resource(resource, settings)
        for violation in verdict.at(level):
            report(violation.message, None)
        if level is Level.ADVISORY:
            for exemption in verdict.exempted:
                report(_describe_exemption(resource, exemption), None)
        elif verdict.undecided:
            raise UndecidedRulesError(resource.label, verdict.undecided)

    return validate


def _describe_exemption(resource: Resource, exemption: Exemption) -> str:
    if exemption.ignored:
        return f"[exemption] {resource.label}: the exemption from `{exemption.rule}` is ignored: {exemption.ignored}"
    return f"[exemption] {resource.label} is exempt from `{exemption.rule}`: {exemption.reason}"


def _stack_validator(level: Level) -> Callable[[StackValidationArgs, ReportViolation], None]:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        settings = _settings(args, report)
        if settings is None:
            return
        resources = [
            _resource(resource) for resource in args.resources if concerns_stack(kind_of(resource.resource_type))
        ]
        verdict = evaluate_stack(resources, settings)
        for violation in verdict.at(level):
            report(violation.message, violation.resource.urn if violation.resource else None)
        if verdict.undecided and level is Level.MANDATORY:
            raise UndecidedRulesError("the stack", verdict.undecided)

    return validate


def _resource(args: Any) -> Resource:
    """Build the resource from the arguments of a resource policy, or from a resource in those of a stack policy.

    Only the latter knows the resources that each property is computed from.
    """
    refers = {
        key: tuple(dependency.urn for dependency in dependencies)
        for key, dependencies in (getattr(args, "property_dependencies", None) or {}).items()
    }
    return Resource(
        args.resource_type, plain(args.props), args.name, args.urn, protect=bool(args.opts.protect), refers=refers
    )


def _settings(args: ResourceValidationArgs | StackValidationArgs, report: ReportViolation | None) -> Settings | None:
    """Read the settings of this policy; report faults and return None if they are invalid.

    Each policy has its own copy, so each reports; resource policies do so once, for the stack's root resource.
    """
    try:
        return read_settings(args.get_config())
    except BadConfigurationError as error:
        if report is not None:
            report(f"[configuration] the file of --policy-pack-config is invalid; no rule was applied:\n{error}", None)
        return None
