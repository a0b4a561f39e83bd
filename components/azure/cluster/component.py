"""An AKS cluster for GPU work, and what belongs to it.

The order: resource group, network, two identities with their rights, the cluster, its general pool, the services around
it, one Kubernetes provider. GPU pools are `AksGpuNodePool`, each a resource of its own.
"""

from typing import Any

import pulumi
import pulumi_kubernetes
from modelyard.components.azure.cluster import kubeconfig as aks_kubeconfig
from modelyard.components.azure.cluster import maintenance, managed_cluster, monitoring, services
from modelyard.components.azure.cluster.args import AksClusterArgs
from modelyard.components.azure.cluster.prerequisites import Foundation, founded
from modelyard.components.azure.cluster.reference import AksClusterReference
from modelyard.components.azure.cluster.service_context import Surroundings
from modelyard.components.azure.cluster.spec import Plan, planned
from modelyard.components.azure.node_pool.pool_drain import PoolDrain
from modelyard.components.common.component import Component
from modelyard.components.common.ownership import parse_ownership


class AksCluster(Component):
    """AKS with Entra logins only, workload identity, private API by default, and one Kubernetes provider."""

    name: pulumi.Output[str]
    """Name of the cluster in Azure."""
    resource_group: pulumi.Output[str]
    """Its resource group."""
    oidc_issuer: pulumi.Output[str]
    """Address that tokens of its service accounts name as their issuer."""
    kubeconfig: pulumi.Output[str]
    """Leads to the cluster; logs in with kubelogin."""
    registry: pulumi.Output[str]
    """Login server of the registry; empty without one."""

    def __init__(self, name: str, args: AksClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        plan = planned(name, args)
        super().__init__("modelyard:index:AksCluster", name, None, opts)
        self.plan = plan
        self._tags = parse_ownership(args["ownership"]).tags()
        base = founded(name, args, plan, self._tags, self)
        self.managed = self._cluster(args, base)
        self._maintenance(base.group)
        self.general_pool = self._general_pool(base)
        self.registry = self._services(args, base)

        self.name = self.managed.name
        self.resource_group = pulumi.Output.from_input(base.group)
        self.oidc_issuer = self.managed.oidc_issuer_profile.issuer_url
        self.kubeconfig = self._kubeconfig()
        self._drain()
        self.provider = pulumi_kubernetes.Provider(
            name,
            kubeconfig=self.kubeconfig,
            cluster_identifier=managed_cluster.generation(plan),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.general_pool]),
        )
        self.reference = self._reference(args, base)
        self.register_outputs(
            {
                "name": self.name,
                "resource_group": self.resource_group,
                "oidc_issuer": self.oidc_issuer,
                "kubeconfig": self.kubeconfig,
                "registry": self.registry,
            }
        )

    def inside(self, *after: pulumi.Resource) -> pulumi.ResourceOptions:
        """Options of a component in this cluster: its provider, and gone with it without being deleted one by one."""
        return pulumi.ResourceOptions(
            providers=[self.provider], deleted_with=self.managed, depends_on=[self.general_pool, *after]
        )

    def _child(self, *, protect: bool = False, **more: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, protect=protect and self.plan.production, **more)

    def _cluster(self, args: AksClusterArgs, base: Foundation) -> Any:
        from pulumi_azure_native import containerservice  # noqa: PLC0415

        return containerservice.ManagedCluster(
            self._name,
            resource_group_name=base.group,
            resource_name_=self.plan.cluster,
            **managed_cluster.managed_cluster(
                self.plan,
                node_subnet=base.node_subnet,
                pod_subnet=base.pod_subnet,
                control_plane_identity=base.control_plane.id,
                kubelet_identity={
                    "resource_id": base.kubelet.id,
                    "client_id": base.kubelet.client_id,
                    "object_id": base.kubelet.principal_id,
                },
                tags=self._tags,
                vault=bool(args.get("vault", True)),
                metrics=bool(args.get("monitoring", True)),
            ),
            opts=self._child(
                protect=True,
                depends_on=base.rights,
                ignore_changes=_owned_by_aks(self.plan),
                replace_on_changes=list(managed_cluster.FIXED),
                delete_before_replace=True,  # the name is the resource's id
                custom_timeouts=pulumi.CustomTimeouts(create="60m", update="120m", delete="60m"),
            ),
        )

    def _maintenance(self, group: pulumi.Input[str]) -> None:
        from pulumi_azure_native import containerservice  # noqa: PLC0415

        for configuration in maintenance.CONFIGURATIONS:
            containerservice.MaintenanceConfiguration(
                f"{self._name}-{configuration}",
                resource_group_name=group,
                resource_name_=self.managed.name,
                config_name=configuration,
                maintenance_window=self.plan.window,
                opts=self._child(deleted_with=self.managed),
            )

    def _general_pool(self, base: Foundation) -> Any:
        from pulumi_azure_native import containerservice  # noqa: PLC0415

        return containerservice.AgentPool(
            f"{self._name}-general",
            resource_group_name=base.group,
            resource_name_=self.managed.name,
            agent_pool_name=managed_cluster.GENERAL_POOL,
            **managed_cluster.general_pool(
                self.plan, node_subnet=base.node_subnet, pod_subnet=base.pod_subnet, tags=self._tags
            ),
            opts=self._child(
                deleted_with=self.managed,
                ignore_changes=["orchestratorVersion", *(["count"] if self.plan.general.autoscaled else [])],
                replace_on_changes=list(managed_cluster.GENERAL_POOL_FIXED),
                delete_before_replace=True,
                custom_timeouts=pulumi.CustomTimeouts(create="60m", update="120m", delete="60m"),
            ),
        )

    def _drain(self) -> None:
        PoolDrain(
            f"{self._name}-general-drain",
            pool=self.general_pool.id,
            pool_name=managed_cluster.GENERAL_POOL,
            kubeconfig=self.kubeconfig,
            minutes=managed_cluster.DRAIN_MINUTES,
            opts=self._child(deleted_with=self.managed),
        )

    def _services(self, args: AksClusterArgs, base: Foundation) -> pulumi.Output[str]:
        here = Surroundings(name=self._name, plan=self.plan, group=base.group, parent=self, tags=self._tags)
        registry = pulumi.Output.from_input("")
        if args.get("registry", True):
            registry = services.registry(here, base.kubelet.principal_id).login_server
        if args.get("vault", True):
            services.vault(here, base.control_plane.tenant_id)
        if args.get("monitoring", True):
            monitoring.monitoring(here, self.managed)
        if args.get("local_nvme", False):
            services.local_nvme(here, self.managed)
        if (wanted := args.get("budget")) is not None:
            services.budget(here, wanted, base.control_plane.id)
        return registry

    def _kubeconfig(self) -> pulumi.Output[str]:
        from pulumi_azure_native import containerservice  # noqa: PLC0415

        answer = containerservice.list_managed_cluster_user_credentials_output(
            # Plain, so that a change of the cluster does not make the kubeconfig unknown while it is previewed.
            resource_group_name=self.plan.resource_group,
            resource_name=self.plan.cluster,
            format="exec",
            opts=pulumi.InvokeOutputOptions(parent=self, depends_on=[self.managed]),
        )
        login = self.plan.login
        return pulumi.Output.secret(
            answer.apply(lambda one: aks_kubeconfig.with_login(one.kubeconfigs[0].value, login))
        )

    def _reference(self, args: AksClusterArgs, base: Foundation) -> AksClusterReference:
        made: AksClusterReference = {
            "name": self.managed.name,
            "resource_group": base.group,
            "location": self.plan.location,
            "kubernetes_version": str(self.plan.version),
            "node_subnet": base.node_subnet,
            "kubeconfig": self.kubeconfig,
            "identity": base.control_plane.principal_id,
            "max_nodes": self.plan.nodes,
            "pods_per_node": self.plan.pods_per_node,
            "node_channel": self.plan.node_channel,
            "node_auto_provisioning": self.plan.auto_provisioning,
            "vcpu_quota": dict(args.get("vcpu_quota", {})),
        }
        if base.pod_subnet is not None:
            made["pod_subnet"] = base.pod_subnet
        return made


def _owned_by_aks(plan: Plan) -> list[str]:
    """Inputs that AKS changes by itself: they never count as changes."""
    owned = ["agentPoolProfiles[0].orchestratorVersion"]
    if plan.system.autoscaled:
        owned.append("agentPoolProfiles[0].count")
    if plan.channel in {"stable", "rapid"}:
        owned.append("kubernetesVersion")
    return owned
