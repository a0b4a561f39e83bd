"""IAM roles of a ROSA cluster with a hosted control plane: three of the account, eight of its operators. Pure.

All policies are managed by AWS (`arn:aws:iam::aws:policy/service-role/…`), so none is written here. Names, policies and
service accounts: terraform-rhcs-rosa-hcp de80e87.
"""

import json
from dataclasses import dataclass

POLICIES = "arn:aws:iam::aws:policy/service-role"

INSTALLER = "arn:aws:iam::710019948333:role/RH-Managed-OpenShift-Installer"
"""Who installs: OCM's production account."""


@dataclass(frozen=True)
class OperatorRole:
    """What one of the cluster's operators may do in AWS."""

    namespace: str
    operator: str
    policy: str
    accounts: tuple[str, ...]

    def name(self, prefix: str) -> str:
        """Of the role; OCM expects exactly this one."""
        return f"{prefix}-{self.namespace}-{self.operator}"[:64]


OPERATORS = (
    OperatorRole(
        "openshift-image-registry",
        "installer-cloud-credentials",
        "ROSAImageRegistryOperatorPolicy",
        ("cluster-image-registry-operator", "registry"),
    ),
    OperatorRole("openshift-ingress-operator", "cloud-credentials", "ROSAIngressOperatorPolicy", ("ingress-operator",)),
    OperatorRole(
        "openshift-cluster-csi-drivers",
        "ebs-cloud-credentials",
        "ROSAAmazonEBSCSIDriverOperatorPolicy",
        ("aws-ebs-csi-driver-operator", "aws-ebs-csi-driver-controller-sa"),
    ),
    OperatorRole(
        "openshift-cloud-network-config-controller",
        "cloud-credentials",
        "ROSACloudNetworkConfigOperatorPolicy",
        ("cloud-network-config-controller",),
    ),
    OperatorRole("kube-system", "kube-controller-manager", "ROSAKubeControllerPolicy", ("kube-controller-manager",)),
    OperatorRole(
        "kube-system", "capa-controller-manager", "ROSANodePoolManagementPolicy", ("capa-controller-manager",)
    ),
    OperatorRole(
        "kube-system", "control-plane-operator", "ROSAControlPlaneOperatorPolicy", ("control-plane-operator",)
    ),
    OperatorRole("kube-system", "kms-provider", "ROSAKMSProviderPolicy", ("kms-provider",)),
)


@dataclass(frozen=True)
class AccountRole:
    """A role that Red Hat, or a node, takes."""

    kind: str
    policy: str
    tag: str

    def name(self, prefix: str) -> str:
        """Of the role."""
        return f"{prefix}-HCP-ROSA-{self.kind}-Role"[:64]


ACCOUNT = (
    AccountRole("Installer", "ROSAInstallerPolicy", "installer"),
    AccountRole("Support", "ROSASRESupportPolicy", "support"),
    AccountRole("Worker", "ROSAWorkerInstancePolicy", "instance_worker"),
)


def trust(principal: dict[str, str]) -> str:
    """Who may take an account role."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}],
        }
    )


def federated(provider_arn: str, issuer_url: str, namespace: str, accounts: tuple[str, ...]) -> str:
    """Lets pods of these service accounts take a role, and nobody else (IRSA).

    Args:
        provider_arn: of the OIDC provider in IAM.
        issuer_url: with or without its scheme.
        namespace: of the service accounts.
        accounts: their names.
    """
    host = issuer_url.removeprefix("https://")
    subjects = [f"system:serviceaccount:{namespace}:{one}" for one in accounts]
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRoleWithWebIdentity",
                    "Principal": {"Federated": provider_arn},
                    "Condition": {"StringEquals": {f"{host}:sub": subjects}},
                }
            ],
        }
    )
