"""Environments of kind `aks`: the cluster, its node pools and its buckets, validated without Azure's SDK.

The SDK is loaded by the components, through the front door of `modelyard.components`, when the first is registered.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import pulumi
from modelyard import components as yard
from modelyard.components.azure import naming
from modelyard.components.azure.capacity import validate_capacity
from modelyard.components.azure.cluster.spec import AksClusterSpec, validate_cluster
from modelyard.components.azure.node_pool.spec import AksNodePoolSpec, validate_node_pool
from modelyard.components.common.ownership import parse_ownership
from modelyard.components.kubernetes.workspaces.identity import WorkspaceIdentityArgs
from modelyard.stacks.environment.aks import Aks
from modelyard.stacks.environment.environment import Environment, NodePool
from modelyard.stacks.environment.storage import Buckets
from modelyard.stacks.platforms.object_storage import CHECKPOINTS, MODELS, WorkspaceAccount
from modelyard.stacks.platforms.platform import ClusterContext, Platform, ownership
from typing_extensions import override

if TYPE_CHECKING:
    from modelyard.components.azure.cluster.args import AksClusterArgs


class AksPlatform(Platform[AksClusterSpec, AksNodePoolSpec]):
    """An AKS cluster that is created."""

    cluster_path = ("cluster", "aks")
    cluster_keys = frozenset({"aks"})
    catalogue_cloud = "azure"
    creates_nodes = creates_buckets = True

    @override
    def required_keys(self, environment: Environment) -> Sequence[str]:
        return ("aks",)

    @override
    def region(self, environment: Environment) -> str | None:
        return environment.cluster.region or _aks(environment).location

    @override
    def is_production(self, environment: Environment) -> bool:
        return _aks(environment).production

    @override
    def validate_cluster(self, environment: Environment) -> AksClusterSpec:
        return validate_cluster(environment.name, cluster_args(environment))

    @override
    def validate_storage(self, environment: Environment, buckets: Buckets) -> None:
        if buckets.name is not None:
            naming.STORAGE_ACCOUNT.validate(environment.name, "name", buckets.name)

    @override
    def validate_node_pool(self, environment: Environment, cluster: AksClusterSpec, pool: NodePool) -> AksNodePoolSpec:
        aks = _aks(environment)
        # Values that only Azure knows have no part in the rules.
        reference = {
            "name": environment.name,
            "resource_group": environment.name,
            "location": aks.location,
            "kubernetes_version": aks.kubernetes_version,
            "node_subnet": "",
            "identity": "",
            "pods_per_node": aks.pods_per_node,
        }
        args: Any = {**self.validated_features(environment, pool), "cluster": reference}
        return validate_node_pool(pool.name, args)

    @override
    def validate_capacity(
        self, environment: Environment, cluster: AksClusterSpec, pools: Sequence[AksNodePoolSpec]
    ) -> None:
        demands = [*cluster.demands, *(pool.demand for pool in pools)]
        validate_capacity(environment.name, demands, vcpu_quota=cluster.vcpu_quota, max_nodes=cluster.max_nodes)

    @override
    def provision_cluster(self, environment: Environment, cluster: AksClusterSpec) -> ClusterContext:
        aks = yard.AksCluster(environment.name, cluster_args(environment), spec=cluster)
        buckets = environment.storage.buckets
        storage = AksStorage(environment, buckets, aks) if buckets else None
        outputs = {
            "cluster": {
                "name": aks.name,
                "resource_group": aks.resource_group,
                "registry": aks.registry,
                "oidc_issuer": aks.oidc_issuer,
            },
            "kubeconfig": pulumi.Output.secret(aks.kubeconfig),
        }
        return ClusterContext(
            provider=aks.provider,
            outputs={**outputs, **({"storage": storage.outputs} if storage else {})},
            deleted_with=aks.managed,
            ready=(aks.general_pool,),
            node_pool_args={"cluster": aks.reference},
            serial_node_pools=True,
            object_storage=storage,
        )


class AksStorage:
    """Blob containers of an environment, in a resource group of their own.

    Azure deletes a group with everything in it, so that containers in the cluster's group would go with the cluster.
    """

    def __init__(self, environment: Environment, buckets: Buckets, cluster: "yard.AksCluster") -> None:
        from pulumi_azure_native import resources  # noqa: PLC0415 - brings Azure's SDK

        self._location, self._cluster = _aks(environment).location, cluster
        name, owner = f"{environment.name}-storage", ownership(environment)
        group = resources.ResourceGroup(
            name,
            resource_group_name=name,
            location=self._location,
            tags=parse_ownership(owner).tags(),
            opts=pulumi.ResourceOptions(protect=buckets.keep, retain_on_delete=buckets.keep),
        )
        args: yard.AzureModelContainersArgs = {
            "ownership": owner,
            "resource_group": group.name,
            "location": self._location,
            "keep": buckets.keep,
            "deleted_days": buckets.deleted_days,
            "containers": [MODELS, CHECKPOINTS],
        }
        if buckets.name is not None:
            args["account_name"] = buckets.name
        self._containers = yard.AzureModelContainers(name, args)

    @property
    def outputs(self) -> dict[str, Any]:
        """Account and address of the containers."""
        containers = self._containers
        return {"account": containers.account, "endpoint": containers.endpoint, "containers": [MODELS, CHECKPOINTS]}

    def provision_identity(self, account: WorkspaceAccount) -> WorkspaceIdentityArgs:
        """Register an identity that writes checkpoints and reads models, or one that reads models."""
        containers = self._containers.container_ids
        args: yard.AzureWorkloadIdentityArgs = {
            "ownership": account.ownership,
            "resource_group": self._cluster.resource_group,
            "location": self._location,
            "oidc_issuer": self._cluster.oidc_issuer,
            "service_account": account.name,
            "container": containers[CHECKPOINTS if account.writes_checkpoints else MODELS],
            "read_only": not account.writes_checkpoints,
        }
        if account.writes_checkpoints:
            args["read_containers"] = [containers[MODELS]]
        return yard.AzureWorkloadIdentity(f"{account.ownership['team']}-{account.name}", args).workspace_identity()


def cluster_args(environment: Environment) -> "AksClusterArgs":
    """Return the arguments of the cluster, which have the keys of the section."""
    return cast("AksClusterArgs", {"ownership": ownership(environment), **_aks(environment).arguments()})


def _aks(environment: Environment) -> Aks:
    if environment.cluster.aks is None:
        raise ValueError("kind 'aks' has a section cluster.aks")
    return environment.cluster.aks


PLATFORM: Platform[AksClusterSpec, AksNodePoolSpec] = AksPlatform()
