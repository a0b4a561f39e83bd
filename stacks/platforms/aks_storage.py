"""Blob containers of an AKS environment, and the identities that may use them."""

from typing import TYPE_CHECKING, Any

import pulumi
from modelyard.components.azure import naming
from modelyard.components.common.errors import ArgumentError
from modelyard.components.common.ownership import parse_ownership
from modelyard.components.kubernetes.workspaces.identity import WorkspaceIdentityArgs
from modelyard.stacks.environment.cloud_clusters import Aks
from modelyard.stacks.environment.environment import Buckets, Environment
from modelyard.stacks.platforms.context import ownership
from modelyard.stacks.platforms.object_storage import CHECKPOINTS, MODELS, Account

if TYPE_CHECKING:
    from modelyard.components.azure.cluster.component import AksCluster


def judge(environment: Environment, buckets: Buckets) -> None:
    """Nothing, if the containers can be made.

    Raises:
        ArgumentError: `argument` is the key under `storage.buckets`.
    """
    if buckets.name is None:
        return
    try:
        naming.STORAGE_ACCOUNT.checked(environment.name, "name", buckets.name)
    except ArgumentError as wrong:
        raise ArgumentError(environment.name, wrong.argument, wrong.value, wrong.rule, wrong.source) from wrong


class AksStorage:
    """Containers in a resource group of their own: Azure deletes a group with all that is in it, so that those of the
    cluster's would go with the cluster."""

    def __init__(self, environment: Environment, aks: Aks, buckets: Buckets, cluster: "AksCluster") -> None:
        from modelyard.components.azure.storage import AzureModelContainers, AzureModelContainersArgs  # noqa: PLC0415 - brings Azure's SDK
        from pulumi_azure_native import resources  # noqa: PLC0415

        self._aks, self._cluster = aks, cluster
        whose = ownership(environment)
        group = resources.ResourceGroup(
            f"{environment.name}-storage",
            resource_group_name=f"{environment.name}-storage",
            location=aks.location,
            tags=parse_ownership(whose).tags(),
            opts=pulumi.ResourceOptions(protect=buckets.keep, retain_on_delete=buckets.keep),
        )
        args: AzureModelContainersArgs = {
            "ownership": whose,
            "resource_group": group.name,
            "location": aks.location,
            "keep": buckets.keep,
            "deleted_days": buckets.deleted_days,
            "containers": [MODELS, CHECKPOINTS],
        }
        if buckets.name is not None:
            args["account_name"] = buckets.name
        self._made = AzureModelContainers(f"{environment.name}-storage", args)

    @property
    def outputs(self) -> dict[str, Any]:
        """Account and address of the containers."""
        return {"account": self._made.account, "endpoint": self._made.endpoint, "containers": [MODELS, CHECKPOINTS]}

    def identity(self, account: Account) -> WorkspaceIdentityArgs:
        """An identity that writes checkpoints and reads models, or one that reads models."""
        from modelyard.components.azure.identity import POD_LABEL, AzureWorkloadIdentity, AzureWorkloadIdentityArgs  # noqa: PLC0415 - only on Azure

        containers = self._made.container_ids
        args: AzureWorkloadIdentityArgs = {
            "ownership": account.whose,
            "resource_group": self._cluster.resource_group,
            "location": self._aks.location,
            "oidc_issuer": self._cluster.oidc_issuer,
            "service_account": account.name,
            "container": containers[CHECKPOINTS if account.trains else MODELS],
            "read_only": not account.trains,
        }
        if account.trains:
            args["read_containers"] = [containers[MODELS]]
        made = AzureWorkloadIdentity(f"{account.whose['team']}-{account.name}", args)
        return {"annotations": {"azure.workload.identity/client-id": made.client_id}, "pod_labels": dict(POD_LABEL)}
