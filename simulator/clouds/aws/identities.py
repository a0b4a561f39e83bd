"""IAM: roles, policies, identity providers."""

import json
from typing import Any

from simulator.clouds.account import fingerprint
from simulator.clouds.aws.arn import arn, aws_type, name_rule
from simulator.clouds.errors import CloudError
from simulator.clouds.resource_type import Rule, Subject

# docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_ROLE_NAME = name_rule(r"[\w+=,.@-]{1,64}", "1 to 64 letters, digits and +=,.@-_")
_POLICY_NAME = name_rule(r"[\w+=,.@-]{1,128}", "1 to 128 letters, digits and +=,.@-_")


def _is_policy(property_name: str) -> Rule:
    """Make a rule that an input is a policy document."""

    def rule(subject: Subject) -> None:
        policy = subject.inputs.get(property_name)
        try:
            document = json.loads(policy) if isinstance(policy, str) else policy
        except ValueError as error:
            raise CloudError(
                "MalformedPolicyDocument", f"{property_name} of {subject.name} is no JSON: {error}"
            ) from None
        if not isinstance(document, dict) or not document.get("Statement"):
            raise CloudError("MalformedPolicyDocument", f"{property_name} of {subject.name} has no Statement")

    return rule


def _path(subject: Subject, kind: str) -> str:
    return arn(subject, "iam", f"{kind}{subject.inputs.get('path') or '/'}{subject.name}")


def role_outputs(subject: Subject) -> dict[str, Any]:
    """Return a role's ARN and unique id."""
    return {
        "arn": _path(subject, "role"),
        "uniqueId": "AROA" + fingerprint(subject.identifier).upper(),
        "createDate": "2026-01-01T00:00:00Z",
        "maxSessionDuration": subject.inputs.get("maxSessionDuration") or 3600,
    }


def _host(subject: Subject) -> str:
    return str(subject.inputs["url"]).removeprefix("https://").rstrip("/")


def _refuse_attached_role(subject: Subject) -> None:
    """Refuse to delete a role with attached policies, unless it detaches them by force."""
    if subject.inputs.get("forceDetachPolicies"):
        return
    for record in subject.cloud.records.values():
        if record["inputs"].get("role") == subject.name and record["id"] != subject.identifier:
            raise CloudError("DeleteConflict", f"cannot delete role {subject.name}: {record['id']} is attached to it")


TYPES = (
    aws_type(
        "iam/role:Role",
        name="name",
        replace_on=("path", "namePrefix"),
        computed=role_outputs,
        rules=(_ROLE_NAME, _is_policy("assumeRolePolicy")),
        delete_rules=(_refuse_attached_role,),
        seconds=10,
    ),
    aws_type(
        "iam/policy:Policy",
        name="name",
        identifier=lambda subject: _path(subject, "policy"),
        replace_on=("path", "description", "namePrefix"),
        computed=lambda subject: {
            "arn": subject.identifier,
            "policyId": "ANPA" + fingerprint(subject.identifier).upper(),
        },
        rules=(_POLICY_NAME, _is_policy("policy")),
        held_by=("iam/rolePolicyAttachment:RolePolicyAttachment#policyArn",),
    ),
    aws_type(
        "iam/rolePolicyAttachment:RolePolicyAttachment",
        identifier=lambda subject: f"{subject.inputs['role']}-{fingerprint(subject.inputs['policyArn'])}",
        replace_on=("role", "policyArn"),
    ),
    aws_type(
        "iam/rolePolicy:RolePolicy",
        name="name",
        identifier=lambda subject: f"{subject.inputs['role']}:{subject.name}",
        replace_on=("role", "namePrefix"),
        rules=(_is_policy("policy"),),
    ),
    aws_type(
        "iam/instanceProfile:InstanceProfile",
        name="name",
        replace_on=("path", "namePrefix"),
        computed=lambda subject: {"arn": _path(subject, "instance-profile")},
    ),
    aws_type(
        "iam/openIdConnectProvider:OpenIdConnectProvider",
        identifier=lambda subject: arn(subject, "iam", f"oidc-provider/{_host(subject)}"),
        replace_on=("url",),
        computed=lambda subject: {"arn": subject.identifier, "url": _host(subject)},
    ),
)
