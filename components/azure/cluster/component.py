"""AKS cluster for GPU work, and its network, identities and services.

Order: resource group, network, two identities with their rights, cluster, general pool, services, one Kubernetes
provider. GPU pools are `AksGpuNodePool`, each a resource of its own.
"""

from typing import Any

import pulumi
import pulumi_kubernetes
from modelyard.components.azure.cluster import maintenance, managed_cluster, monitoring, services
from modelyard.components.azure.cluster.access import kubeconfig_with_login
from modelyard.components.azure.cluster.args import AksClusterArgs, AksClusterReference, AksUpgradeChannel
from modelyard.components.azure.cluster.prerequisites import ClusterPrerequisites, create_prerequisites
from modelyard.components.azure.cluster.services import ServiceContext
from modelyard.components.azure.cluster.spec import AksClusterSpec, validate_cluster
from modelyard.components.azure.pool_drain import PoolDrain
from modelyard.components.common.component import Component
from pulumi_azure_native import containerservice

__all__ = ["AksCluster", "AksClusterArgs"]

_TIMEOUTS = pulumi.CustomTimeouts(create="60m", update="120m", delete="60m")


class AksCluster(Component):
    """AKS with Entra logins only, workload identity, private API by default, and one Kubernetes provider."""

    name: pulumi.Output[str]
    """Name of the cluster in Azure."""
    resource_group: pulumi.Output[str]
    """Name of its resource group."""
    oidc_issuer: pulumi.Output[str]
    """Issuer of the tokens of its service accounts."""
    kubeconfig: pulumi.Output[str]
    """Kubeconfig that logs in with kubelogin."""
    registry: pulumi.Output[str]
    """Login server of the registry; empty without one."""

    def __init__(
        self,
        name: str,
        args: AksClusterArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        spec: AksClusterSpec | None = None,
    ) -> None:
        self.spec: AksClusterSpec = spec or validate_cluster(name, args)
        super().__init__("modelyard:index:AksCluster", name, None, opts)
        prerequisites = create_prerequisites(name, args.get("network", {}), self.spec, self)
        self.managed: containerservice.ManagedCluster = self._create_cluster(prerequisites)
        self._create_maintenance(prerequisites.group)
        self.general_pool: containerservice.AgentPool = self._create_general_pool(prerequisites)
        self.registry = self._create_services(prerequisites)

        self.name = self.managed.name
        self.resource_group = pulumi.Output.from_input(prerequisites.group)
        self.oidc_issuer = self.managed.oidc_issuer_profile.issuer_url
        self.kubeconfig = self._get_kubeconfig()
        PoolDrain(
            f"{name}-general-drain",
            pool=self.general_pool.id,
            pool_name=managed_cluster.GENERAL_POOL,
            kubeconfig=self.kubeconfig,
            minutes=managed_cluster.DRAIN_MINUTES,
            opts=pulumi.ResourceOptions(parent=self, deleted_with=self.managed),
        )
        self.provider: pulumi_kubernetes.Provider = pulumi_kubernetes.Provider(
            name,
            kubeconfig=self.kubeconfig,
            cluster_identifier=managed_cluster.cluster_identifier(self.spec),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.general_pool]),
        )
        self.reference: AksClusterReference = self._build_reference(prerequisites)
        self.register_outputs(
            {
                "name": self.name,
                "resource_group": self.resource_group,
                "oidc_issuer": self.oidc_issuer,
                "kubeconfig": self.kubeconfig,
                "registry": self.registry,
            }
        )

    def child_options(self, *after: pulumi.Resource) -> pulumi.ResourceOptions:
        """Return the options of a component inside this cluster: its provider, and deletion together with the cluster.

        Args:
            after: resources that must exist before the component, beside the general pool.
        """
        return pulumi.ResourceOptions(
            providers=[self.provider], deleted_with=self.managed, depends_on=[self.general_pool, *after]
        )

    def _create_cluster(self, prerequisites: ClusterPrerequisites) -> containerservice.ManagedCluster:
        return containerservice.ManagedCluster(
            self._name,
            resource_group_name=prerequisites.group,
            resource_name_=self.spec.cluster_name,
            **managed_cluster.managed_cluster_args(
                self.spec,
                node_subnet=prerequisites.node_subnet,
                pod_subnet=prerequisites.pod_subnet,
                control_plane_identity=prerequisites.control_plane.id,
                kubelet_identity={
                    "resource_id": prerequisites.kubelet.id,
                    "client_id": prerequisites.kubelet.client_id,
                    "object_id": prerequisites.kubelet.principal_id,
                },
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=self.spec.production,
                depends_on=prerequisites.rights,
                ignore_changes=_changed_by_aks(self.spec),
                replace_on_changes=list(managed_cluster.FIXED),
                delete_before_replace=True,  # the name is the resource's id
                custom_timeouts=_TIMEOUTS,
            ),
        )

    def _create_maintenance(self, group: pulumi.Input[str]) -> None:
        window: Any = dict(self.spec.maintenance_window)
        for configuration in maintenance.CONFIGURATIONS:
            containerservice.MaintenanceConfiguration(
                f"{self._name}-{configuration}",
                resource_group_name=group,
                resource_name_=self.managed.name,
                config_name=configuration,
                maintenance_window=window,
                opts=pulumi.ResourceOptions(parent=self, deleted_with=self.managed),
            )

    def _create_general_pool(self, prerequisites: ClusterPrerequisites) -> containerservice.AgentPool:
        return containerservice.AgentPool(
            f"{self._name}-general",
            resource_group_name=prerequisites.group,
            resource_name_=self.managed.name,
            agent_pool_name=managed_cluster.GENERAL_POOL,
            **managed_cluster.general_pool_args(
                self.spec, node_subnet=prerequisites.node_subnet, pod_subnet=prerequisites.pod_subnet
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                deleted_with=self.managed,
                ignore_changes=["orchestratorVersion", *(["count"] if self.spec.general_pool.autoscaled else [])],
                replace_on_changes=list(managed_cluster.GENERAL_POOL_FIXED),
                delete_before_replace=True,
                custom_timeouts=_TIMEOUTS,
            ),
        )

    def _create_services(self, prerequisites: ClusterPrerequisites) -> pulumi.Output[str]:
        """Register the services that the arguments ask for; return the login server of the registry."""
        spec = self.spec
        context = ServiceContext(name=self._name, spec=spec, group=prerequisites.group, parent=self)
        registry = pulumi.Output.from_input("")
        if spec.registry:
            registry = services.create_registry(context, prerequisites.kubelet.principal_id).login_server
        if spec.vault:
            services.create_vault(context, prerequisites.control_plane.tenant_id)
        if spec.monitoring:
            monitoring.create_monitoring(context, self.managed)
        if spec.local_nvme:
            services.create_local_storage(context, self.managed)
        if spec.budget is not None:
            services.create_budget(context, spec.budget, prerequisites.control_plane.id)
        return registry

    def _get_kubeconfig(self) -> pulumi.Output[str]:
        credentials = containerservice.list_managed_cluster_user_credentials_output(
            # Plain, so that a change of the cluster does not make the kubeconfig unknown while it is previewed.
            resource_group_name=self.spec.resource_group,
            resource_name=self.spec.cluster_name,
            format="exec",
            opts=pulumi.InvokeOutputOptions(parent=self, depends_on=[self.managed]),
        )
        login = self.spec.login
        return pulumi.Output.secret(
            credentials.apply(lambda result: kubeconfig_with_login(result.kubeconfigs[0].value, login))
        )

    def _build_reference(self, prerequisites: ClusterPrerequisites) -> AksClusterReference:
        spec = self.spec
        reference: AksClusterReference = {
            "name": self.managed.name,
            "resource_group": prerequisites.group,
            "location": spec.location,
            "kubernetes_version": str(spec.kubernetes_version),
            "node_subnet": prerequisites.node_subnet,
            "kubeconfig": self.kubeconfig,
            "identity": prerequisites.control_plane.principal_id,
            "max_nodes": spec.max_nodes,
            "pods_per_node": spec.pods_per_node,
            "node_auto_provisioning": spec.node_auto_provisioning,
            "vcpu_quota": dict(spec.vcpu_quota),
        }
        if prerequisites.pod_subnet is not None:
            reference["pod_subnet"] = prerequisites.pod_subnet
        return reference


def _changed_by_aks(spec: AksClusterSpec) -> list[str]:
    """List the inputs that AKS changes by itself, so that they never count as changes."""
    paths = ["agentPoolProfiles[0].orchestratorVersion"]
    if spec.system_pool.autoscaled:
        paths.append("agentPoolProfiles[0].count")
    if spec.channel in {AksUpgradeChannel.STABLE, AksUpgradeChannel.RAPID}:
        paths.append("kubernetesVersion")
    return paths
