"""Rights in a cloud: trust and actions of roles, and the tags that name a resource's owner."""

import json
from collections.abc import Iterator
from typing import Any

from .field import UNKNOWN, Field
from .resource import Kind, Resource
from .rule import Finding, Severity, rule
from .settings import Settings

_ROLE: Kind = ("aws:iam", "Role")
_POLICIES: frozenset[Kind] = frozenset({("aws:iam", "Policy"), ("aws:iam", "RolePolicy")})
_ATTACHMENT: Kind = ("aws:iam", "RolePolicyAttachment")
_CREDENTIAL: Kind = ("azure-native:managedidentity", "FederatedIdentityCredential")
_ASSIGNMENT: Kind = ("azure-native:authorization", "RoleAssignment")

_POWERFUL = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
}
"""Azure's built-in roles that can give rights to anybody (Azure, built-in roles)."""

_TAGGED: frozenset[Kind] = frozenset(
    {
        ("azure-native:resources", "ResourceGroup"),
        ("azure-native:containerservice", "ManagedCluster"),
        ("azure-native:containerservice", "AgentPool"),
        ("azure-native:containerregistry", "Registry"),
        ("azure-native:keyvault", "Vault"),
        ("azure-native:managedidentity", "UserAssignedIdentity"),
        ("azure-native:network", "VirtualNetwork"),
        ("azure-native:operationalinsights", "Workspace"),
        ("azure-native:storage", "StorageAccount"),
        ("aws:ec2", "Vpc"),
        ("aws:ec2", "NatGateway"),
        ("aws:iam", "Role"),
        ("aws:kms", "Key"),
        ("aws:s3", "Bucket"),
        ("aws:s3", "BucketV2"),
        ("rosa", "HcpCluster"),
        ("rosa", "HcpNodePool"),
    }
)


@rule(
    name="cloud-tags",
    kinds=_TAGGED,
    severity=Severity.MEDIUM,
    requirement="Resources of a cloud carry the tags of cloudTags (owner, team, cost-center, env), none of them empty.",
    reason="A bill without owners is paid by nobody, and a resource without one is deleted by nobody.",
    source="gatekeeper-library requiredlabels",
    fix="Give the component its ownership; it becomes the tags.",
)
def cloud_tags(_body: Field, resource: Resource, settings: Settings) -> Iterator[Finding]:
    """At most one finding, for all tags together."""
    tags = resource.tags
    tags.read()
    missing = [tag for tag in settings.cloud_tags if not tags.at(tag).text()]
    if missing:
        yield Finding(tags.path, f"missing: {', '.join(missing)}", ", ".join(settings.cloud_tags))


@rule(
    name="role-trust",
    kinds={_ROLE, _CREDENTIAL},
    severity=Severity.CRITICAL,
    requirement="Nobody who is not named may take a role: no principal `*`, no service account by wildcard.",
    reason=(
        "A role that trusts everybody is a public account; one that trusts all service accounts belongs to every team."
    ),
    source="CKV_AWS_60, CKV_AWS_61; AWS, IAM roles for service accounts; Azure, workload identity federation",
    fix="Name the principal; of a cluster's issuer, one service account in the condition on `sub` (Azure: in subject).",
)
def role_trust(body: Field, resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """One finding per statement."""
    if resource.kind == _CREDENTIAL:
        subject = body.at("subject")
        if "*" in subject.text():
            yield Finding(
                subject.path, f"every service account of `{subject.text()}` is trusted", "one service account"
            )
        return
    document = body.at("assumeRolePolicy")
    for statement in _allowed(document):
        if "*" in _named(statement.get("Principal")) and not statement.get("Condition"):
            yield Finding(document.path, "everybody in AWS may take this role", "a principal that is named")
        if "sts:AssumeRoleWithWebIdentity" in _texts(statement.get("Action")):
            subjects = list(_subjects(statement.get("Condition")))
            if not subjects or any(subject.endswith(":*") or subject == "*" for subject in subjects):
                problem = "every service account of the cluster may take this role"
                yield Finding(document.path, problem, "a condition on `sub` that names the service account")


@rule(
    name="role-actions",
    kinds={*_POLICIES, _ATTACHMENT, _ASSIGNMENT},
    severity=Severity.CRITICAL,
    requirement="No role may do everything: not `*` on `*`, not AdministratorAccess, not Azure's Owner.",
    reason="One stolen token of one pod is then the whole account.",
    source="CKV_AWS_62, CKV_AWS_63, CKV_AWS_274; Azure, best practices for RBAC",
    fix="Name the actions and the resources that the work needs.",
)
def role_actions(body: Field, resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """One finding per statement or role."""
    if resource.kind == _ATTACHMENT:
        policy = body.at("policyArn")
        if policy.text().endswith(":policy/AdministratorAccess"):
            yield Finding(policy.path, "the role may do everything in the account", "a policy that names actions")
    elif resource.kind == _ASSIGNMENT:
        role = body.at("roleDefinitionId")
        if role.value is UNKNOWN:
            return  # it holds the scope's subscription; `up` checks it before the right is granted
        name = _POWERFUL.get(role.text().rpartition("/")[2].lower())
        if name:
            yield Finding(role.path, f"the role is {name}", "a role for what the work needs")
    else:
        document = body.at("policy")
        for statement in _allowed(document):
            if "*" in _texts(statement.get("Action")) and "*" in _texts(statement.get("Resource")):
                yield Finding(document.path, "the role may do everything in the account", "named actions and resources")


def _allowed(document: Field) -> Iterator[dict[str, Any]]:
    """Statements of a policy document that allow something; a document that is none is AWS' to refuse."""
    value = document.read()
    try:
        parsed = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return
    statements = parsed.get("Statement") if isinstance(parsed, dict) else None
    for statement in statements if isinstance(statements, list) else [statements]:
        if isinstance(statement, dict) and statement.get("Effect") == "Allow":
            yield statement


def _named(principal: Any) -> list[str]:
    if isinstance(principal, dict):
        return [text for value in principal.values() for text in _texts(value)]
    return _texts(principal)


def _texts(value: Any) -> list[str]:
    return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]


def _subjects(condition: Any) -> Iterator[str]:
    """Values of the conditions on the subject of a token."""
    for terms in condition.values() if isinstance(condition, dict) else ():
        for key, value in terms.items() if isinstance(terms, dict) else ():
            if key.endswith(":sub"):
                yield from _texts(value)
