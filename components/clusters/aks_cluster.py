"""An AKS cluster for GPU work, and what belongs to it.

The order: resource group, network, two identities with their rights, the cluster, its general pool, the services around
it, one Kubernetes provider. GPU pools are `AksGpuNodePool`, each a resource of its own.
"""

from typing import Any

import pulumi
import pulumi_kubernetes
from modelyard.components.clusters import aks_kubeconfig, aks_maintenance, aks_profiles, aks_services
from modelyard.components.clusters.aks_arguments import AksClusterArgs
from modelyard.components.clusters.aks_plan import Plan, planned
from modelyard.components.clusters.aks_reference import AksClusterReference
from modelyard.components.identities.azure_role import AzureRole, assign
from modelyard.components.node_pools.pool_drain import PoolDrain
from modelyard.components.ownership import ownership, tags


class AksCluster(pulumi.ComponentResource):
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
        self._tags = tags(ownership(args["ownership"]))
        group = self._resource_group(args)
        self._node_subnet, self._pod_subnet = self._network(args, group)
        control_plane, kubelet = self._identities(group)
        self.managed = self._cluster(args, group, control_plane, kubelet)
        self._maintenance(group)
        self.general_pool = self._general_pool(group)
        here = aks_services.Surroundings(name=name, plan=plan, group=group, parent=self, tags=self._tags)
        self.registry = self._services(args, here, control_plane, kubelet)

        self.name = self.managed.name
        self.resource_group = pulumi.Output.from_input(group)
        self.oidc_issuer = self.managed.oidc_issuer_profile.issuer_url
        self.kubeconfig = self._kubeconfig()
        self._drain()
        self.provider = pulumi_kubernetes.Provider(
            name,
            kubeconfig=self.kubeconfig,
            cluster_identifier=aks_profiles.generation(plan),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.general_pool]),
        )
        self.reference = self._reference(args, group, control_plane)
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

    def _resource_group(self, args: AksClusterArgs) -> pulumi.Input[str]:
        from pulumi_azure_native import resources  # noqa: PLC0415 - loaded by programs that have such a cluster

        if args.get("resource_group") is not None:
            return self.plan.resource_group
        return resources.ResourceGroup(
            f"{self._name}-group",
            resource_group_name=self.plan.resource_group,
            location=self.plan.location,
            tags=self._tags,
            opts=self._child(protect=True),
        ).name

    def _network(self, args: AksClusterArgs, group: pulumi.Input[str]) -> tuple[Any, Any]:
        from pulumi_azure_native import network  # noqa: PLC0415

        given, addresses = args.get("network", {}), self.plan.addresses
        if addresses.network is None:
            return given.get("existing_subnet"), given.get("existing_pod_subnet")
        whole = network.VirtualNetwork(
            f"{self._name}-network",
            resource_group_name=group,
            location=self.plan.location,
            virtual_network_name=f"{self.plan.cluster}-network",
            address_space={"address_prefixes": [str(addresses.network)]},
            tags=self._tags,
            # Subnets are resources of their own; without this each update would take them away again.
            opts=self._child(protect=True, ignore_changes=["subnets"]),
        )
        made: dict[str, Any] = {}
        before: list[pulumi.Resource] = []
        for kind, prefix in addresses.subnets():
            made[kind] = network.Subnet(
                f"{self._name}-{kind.replace('_', '-')}",
                resource_group_name=group,
                virtual_network_name=whole.name,
                subnet_name=kind.replace("_", "-"),
                address_prefix=str(prefix),
                service_endpoints=[{"service": "Microsoft.Storage"}],
                # Azure changes one subnet of a network at a time.
                opts=pulumi.ResourceOptions(parent=self, deleted_with=whole, depends_on=before),
            )
            before = [made[kind]]
        return made["nodes"].id, made["pod_subnet"].id if "pod_subnet" in made else None

    def _identities(self, group: pulumi.Input[str]) -> tuple[Any, Any]:
        from pulumi_azure_native import managedidentity  # noqa: PLC0415

        def identity(kind: str) -> Any:
            return managedidentity.UserAssignedIdentity(
                f"{self._name}-{kind}",
                resource_group_name=group,
                location=self.plan.location,
                resource_name_=f"{self.plan.cluster}-{kind}",
                tags=self._tags,
                opts=self._child(),
            )

        control_plane, kubelet = identity("control-plane"), identity("kubelet")
        self._rights = [
            self._assign("control-plane-network", AzureRole.NETWORK_CONTRIBUTOR, self._node_subnet, control_plane),
            self._assign("control-plane-kubelet", AzureRole.MANAGED_IDENTITY_OPERATOR, kubelet.id, control_plane),
        ]
        if self._pod_subnet is not None:
            made = self._assign("control-plane-pods", AzureRole.NETWORK_CONTRIBUTOR, self._pod_subnet, control_plane)
            self._rights.append(made)
        return control_plane, kubelet

    def _assign(self, name: str, role: AzureRole, scope: Any, identity: Any) -> pulumi.Resource:
        return assign(
            f"{self._name}-{name}",
            role,
            scope=scope,
            principal=identity.principal_id,
            parent=self,
            key=f"{self.plan.resource_group}/{self.plan.cluster}/{name}",
        )

    def _cluster(self, args: AksClusterArgs, group: pulumi.Input[str], control_plane: Any, kubelet: Any) -> Any:
        from pulumi_azure_native import containerservice  # noqa: PLC0415

        return containerservice.ManagedCluster(
            self._name,
            resource_group_name=group,
            resource_name_=self.plan.cluster,
            **aks_profiles.managed_cluster(
                self.plan,
                node_subnet=self._node_subnet,
                pod_subnet=self._pod_subnet,
                control_plane_identity=control_plane.id,
                kubelet_identity={
                    "resource_id": kubelet.id,
                    "client_id": kubelet.client_id,
                    "object_id": kubelet.principal_id,
                },
                tags=self._tags,
                vault=bool(args.get("vault", True)),
                metrics=bool(args.get("monitoring", True)),
            ),
            opts=self._child(
                protect=True,
                depends_on=self._rights,
                ignore_changes=_owned_by_aks(self.plan),
                replace_on_changes=list(aks_profiles.FIXED),
                delete_before_replace=True,  # the name is the resource's id
                custom_timeouts=pulumi.CustomTimeouts(create="60m", update="120m", delete="60m"),
            ),
        )

    def _maintenance(self, group: pulumi.Input[str]) -> None:
        from pulumi_azure_native import containerservice  # noqa: PLC0415

        for configuration in aks_maintenance.CONFIGURATIONS:
            containerservice.MaintenanceConfiguration(
                f"{self._name}-{configuration}",
                resource_group_name=group,
                resource_name_=self.managed.name,
                config_name=configuration,
                maintenance_window=self.plan.window,
                opts=self._child(deleted_with=self.managed),
            )

    def _general_pool(self, group: pulumi.Input[str]) -> Any:
        from pulumi_azure_native import containerservice  # noqa: PLC0415

        return containerservice.AgentPool(
            f"{self._name}-general",
            resource_group_name=group,
            resource_name_=self.managed.name,
            agent_pool_name=aks_profiles.GENERAL_POOL,
            **aks_profiles.general_pool(
                self.plan, node_subnet=self._node_subnet, pod_subnet=self._pod_subnet, tags=self._tags
            ),
            opts=self._child(
                deleted_with=self.managed,
                ignore_changes=["orchestratorVersion", *(["count"] if self.plan.general.autoscaled else [])],
                replace_on_changes=list(aks_profiles.GENERAL_POOL_FIXED),
                delete_before_replace=True,
                custom_timeouts=pulumi.CustomTimeouts(create="60m", update="120m", delete="60m"),
            ),
        )

    def _drain(self) -> None:
        PoolDrain(
            f"{self._name}-general-drain",
            pool=self.general_pool.id,
            pool_name=aks_profiles.GENERAL_POOL,
            kubeconfig=self.kubeconfig,
            minutes=aks_profiles.DRAIN_MINUTES,
            opts=self._child(deleted_with=self.managed),
        )

    def _services(
        self,
        args: AksClusterArgs,
        here: aks_services.Surroundings,
        control_plane: Any,
        kubelet: Any,
    ) -> pulumi.Output[str]:
        registry = pulumi.Output.from_input("")
        if args.get("registry", True):
            registry = aks_services.registry(here, kubelet.principal_id).login_server
        if args.get("vault", True):
            aks_services.vault(here, control_plane.tenant_id)
        if args.get("monitoring", True):
            aks_services.monitoring(here, self.managed)
        if args.get("local_nvme", False):
            aks_services.local_nvme(here, self.managed)
        if (wanted := args.get("budget")) is not None:
            aks_services.budget(here, wanted, control_plane.id)
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

    def _reference(self, args: AksClusterArgs, group: pulumi.Input[str], control_plane: Any) -> AksClusterReference:
        made: AksClusterReference = {
            "name": self.managed.name,
            "resource_group": group,
            "location": self.plan.location,
            "kubernetes_version": str(self.plan.version),
            "node_subnet": self._node_subnet,
            "kubeconfig": self.kubeconfig,
            "identity": control_plane.principal_id,
            "max_nodes": self.plan.nodes,
            "pods_per_node": self.plan.pods_per_node,
            "node_channel": self.plan.node_channel,
            "node_auto_provisioning": self.plan.auto_provisioning,
            "vcpu_quota": dict(args.get("vcpu_quota", {})),
        }
        if self._pod_subnet is not None:
            made["pod_subnet"] = self._pod_subnet
        return made


def _owned_by_aks(plan: Plan) -> list[str]:
    """Inputs that AKS changes by itself: they never count as changes."""
    owned = ["agentPoolProfiles[0].orchestratorVersion"]
    if plan.system.autoscaled:
        owned.append("agentPoolProfiles[0].count")
    if plan.channel in {"stable", "rapid"}:
        owned.append("kubernetesVersion")
    return owned
