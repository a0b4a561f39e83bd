"""IAM roles of a ROSA cluster with a hosted control plane: three of the account, eight of its operators. Pure.

AWS manages all policies (`arn:aws:iam::aws:policy/service-role/…`), so none is written here. Names, policies and
service accounts: terraform-rhcs-rosa-hcp de80e87.
"""

from dataclasses import dataclass

from modelyard.components.aws.policies import trust_policy

POLICIES = "arn:aws:iam::aws:policy/service-role"

INSTALLER = "arn:aws:iam::710019948333:role/RH-Managed-OpenShift-Installer"
"""Role of the installer in OCM's production account."""


@dataclass(frozen=True)
class OperatorRole:
    """AWS role of one of the cluster's operators."""

    namespace: str
    operator: str
    policy: str
    accounts: tuple[str, ...]
    """Service accounts that take the role."""

    def name(self, prefix: str) -> str:
        """Compose the name, exactly as OCM expects it."""
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
    """Role of Red Hat or of nodes."""

    kind: str
    policy: str
    tag: str
    """Value of the tag `rosa_role_type`."""

    def name(self, prefix: str) -> str:
        """Compose the name."""
        return f"{prefix}-HCP-ROSA-{self.kind}-Role"[:64]


ACCOUNT = (
    AccountRole("Installer", "ROSAInstallerPolicy", "installer"),
    AccountRole("Support", "ROSASRESupportPolicy", "support"),
    AccountRole("Worker", "ROSAWorkerInstancePolicy", "instance_worker"),
)


def operator_trust(provider_arn: str, issuer_url: str, role: OperatorRole) -> str:
    """Let pods of an operator's service accounts take its role, and nobody else (IRSA).

    Args:
        provider_arn: ARN of the OIDC provider in IAM.
        issuer_url: issuer of the tokens, with or without its scheme.
        role: role of the operator.
    """
    host = issuer_url.removeprefix("https://")
    subjects = [f"system:serviceaccount:{role.namespace}:{account}" for account in role.accounts]
    return trust_policy({"Federated": provider_arn}, {"StringEquals": {f"{host}:sub": subjects}})
