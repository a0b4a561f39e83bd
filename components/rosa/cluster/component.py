"""Red Hat OpenShift on AWS with a hosted control plane: network, identities, key, cluster, and a Kubernetes provider.

GPU pools are `RosaGpuMachinePool`, each a resource of its own.
"""

from typing import Any

import pulumi
import pulumi_kubernetes
from modelyard.components.aws.kms import create_key
from modelyard.components.aws.provider import with_aws_provider
from modelyard.components.common.component import Component
from modelyard.components.rosa.cluster import services
from modelyard.components.rosa.cluster.access import identity_provider_inputs
from modelyard.components.rosa.cluster.args import RosaClusterArgs, RosaClusterReference
from modelyard.components.rosa.cluster.hosted_cluster import hosted_cluster_inputs
from modelyard.components.rosa.cluster.network import create_network
from modelyard.components.rosa.cluster.spec import RosaClusterSpec, validate_cluster
from modelyard.components.rosa.iam import ClusterIdentities, create_identities
from modelyard.components.rosa.ocm.resources.cluster import HcpCluster, HcpClusterReady
from modelyard.components.rosa.ocm.resources.cluster_access import ClusterAccess
from modelyard.components.rosa.ocm.resources.cluster_settings import ClusterAutoscaler, UpgradeSchedule
from modelyard.components.rosa.ocm.resources.group_member import GroupMember
from modelyard.components.rosa.ocm.resources.identity_provider import IdentityProvider

__all__ = ["RosaCluster", "RosaClusterArgs"]


class RosaCluster(Component):
    """ROSA cluster that is ready, with one Kubernetes provider of a service account that has the rights it needs."""

    name: pulumi.Output[str]
    """Name of the cluster in Cluster Manager."""
    cluster_id: pulumi.Output[str]
    """OCM's id."""
    oidc_issuer: pulumi.Output[str]
    """Issuer of service account tokens, without its scheme; IAM roles of workspaces trust it."""
    oidc_provider_arn: pulumi.Output[str]
    """ARN of its OIDC provider in IAM."""
    kubeconfig: pulumi.Output[str]
    """Kubeconfig of the platform's service account; a secret."""
    server: pulumi.Output[str]
    """Address of the API."""
    console_url: pulumi.Output[str]
    """Address of the web console."""
    repositories: pulumi.Output[dict[str, str]]
    """Address of each image repository, by name."""

    def __init__(
        self,
        name: str,
        args: RosaClusterArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        spec: RosaClusterSpec | None = None,
    ) -> None:
        self.spec = spec or validate_cluster(name, args)
        opts = with_aws_provider(name, opts, region=self.spec.region, account_id=self.spec.account_id)
        super().__init__("modelyard:index:RosaCluster", name, None, opts)
        self.aws: pulumi.ProviderResource | None = self.get_provider("aws:index/provider:Provider")
        self._tags = {**self.spec.ownership.tags(), "red-hat-managed": "true", "rosa_hcp_policies": "true"}
        subnets, public_subnets, routes = self._create_network(args)
        identities = create_identities(
            name, self.spec.cluster_name, oidc_config_id=args.get("oidc_config_id"), tags=self._tags, parent=self
        )
        key = args.get("kms_key_arn") or self._create_key()
        self.managed: HcpCluster = self._create_cluster([*subnets.values(), *public_subnets], identities, key, routes)
        hosted = HcpClusterReady(f"{name}-ready", self.managed.id, self.spec.version, self._child())
        self._create_settings(args, hosted)
        self._create_people(args, hosted)
        access = ClusterAccess(f"{name}-access", self.managed.id, self._child(hosted))
        self.ready: list[pulumi.Resource] = [hosted, access]

        self.name = pulumi.Output.from_input(self.spec.cluster_name)
        self.cluster_id = self.managed.id
        self.oidc_issuer = identities.issuer_url.apply(lambda url: (url or "").removeprefix("https://"))
        self.oidc_provider_arn = identities.provider_arn
        self.kubeconfig = pulumi.Output.secret(access.kubeconfig)
        self.server = access.server
        self.console_url = hosted.console_url
        self.repositories = self._create_repositories()
        self.provider: pulumi_kubernetes.Provider = pulumi_kubernetes.Provider(
            name, kubeconfig=self.kubeconfig, cluster_identifier=self.managed.id, opts=self._child()
        )
        # The id of the resource that waits, which is the cluster's: pools that take it then wait as well.
        self.reference: RosaClusterReference = self.spec.reference(hosted.id, subnets)
        self.register_outputs(
            {
                "name": self.name,
                "cluster_id": self.cluster_id,
                "oidc_issuer": self.oidc_issuer,
                "oidc_provider_arn": self.oidc_provider_arn,
                "kubeconfig": self.kubeconfig,
                "server": self.server,
                "console_url": self.console_url,
                "repositories": self.repositories,
            }
        )

    def child_options(self, *after: pulumi.Resource) -> pulumi.ResourceOptions:
        """Return the options of a component inside this cluster: its provider, and deletion together with the cluster.

        Args:
            after: resources that must exist before the component, beside the cluster.
        """
        return pulumi.ResourceOptions(
            providers=[self.provider], deleted_with=self.managed, depends_on=[*self.ready, *after]
        )

    def _child(self, *after: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, deleted_with=self.managed, depends_on=list(after))

    def _create_network(
        self, args: RosaClusterArgs
    ) -> tuple[dict[str, pulumi.Input[str]], list[pulumi.Input[str]], list[pulumi.Resource]]:
        """Create the network, unless its subnets exist.

        Returns:
            Private subnets by zone, the public ones that the cluster must know, and the routes to the internet.
        """
        zones, existing = self.spec.zones, args.get("existing_subnets")
        if existing is not None:
            public = [] if self.spec.private else [existing.get("public", {})[zone] for zone in zones]
            return {zone: existing["private"][zone] for zone in zones}, [*public], []
        network = create_network(self._name, self.spec, tags=self._tags, parent=self)
        return {**network.private}, [] if self.spec.private else [*network.public.values()], network.ready

    def _create_key(self) -> pulumi.Output[str]:
        description = f"Disks and etcd of ROSA cluster {self._name}"
        # The tag lets the managed ROSA policies use the key (AWS, ROSAKMSProviderPolicy).
        key_tags = {**self._tags, "red-hat": "true"}
        opts = pulumi.ResourceOptions(parent=self)
        return create_key(f"{self._name}-key", description, self.spec.account_id, tags=key_tags, opts=opts)

    def _create_cluster(
        self,
        subnets: list[pulumi.Input[str]],
        identities: ClusterIdentities,
        key: pulumi.Input[str],
        routes: list[pulumi.Resource],
    ) -> HcpCluster:
        spec, queue_url = self.spec, self.spec.spot_queue_url
        if spec.spot_queue:
            queue_url = services.create_interruption_queue(
                self._name, spec.cluster_name, spec.account_id, tags=self._tags, parent=self
            )
        inputs = hosted_cluster_inputs(
            spec,
            subnets=subnets,
            roles=identities.account_roles,
            oidc_config_id=identities.oidc_config_id,
            kms_key_arn=key,
            spot_queue_url=queue_url,
            tags=self._tags,
        )
        options = pulumi.ResourceOptions(
            parent=self,
            depends_on=[*routes, *identities.ready],
            protect=spec.delete_protection,
            delete_before_replace=True,  # the name is unique
        )
        return HcpCluster(self._name, inputs, options)

    def _create_settings(self, args: RosaClusterArgs, hosted: HcpClusterReady) -> None:
        limits: dict[str, Any] = {
            # A GPU node takes longer than the default to boot and to load its driver.
            "max_node_provision_time": "30m",
            "resource_limits": {"max_nodes_total": self.spec.max_nodes},
        }
        ClusterAutoscaler(f"{self._name}-autoscaler", self.managed.id, limits, self._child(hosted))
        schedule = args.get("upgrade_schedule")
        if schedule is not None:
            opts = self._child(hosted)
            UpgradeSchedule(f"{self._name}-upgrades", self.managed.id, schedule, minor=False, opts=opts)
        if self.spec.budget is not None:
            cluster_name = self.spec.cluster_name
            services.create_budget(self._name, cluster_name, self.spec.budget, tags=self._tags, parent=self)

    def _create_repositories(self) -> pulumi.Output[dict[str, str]]:
        spec = self.spec
        addresses = services.create_repositories(
            self._name, spec.cluster_name, spec.repositories, keep=spec.delete_protection, tags=self._tags, parent=self
        )
        return pulumi.Output.all(**addresses) if addresses else pulumi.Output.from_input({})

    def _create_people(self, args: RosaClusterArgs, hosted: HcpClusterReady) -> None:
        providers = [
            IdentityProvider(
                f"{self._name}-{provider['name']}",
                {"cluster_id": self.managed.id, **identity_provider_inputs(provider)},
                self._child(hosted),
            )
            for provider in args.get("identity_providers", [])
        ]
        for user in args.get("admins", []):
            GroupMember(f"{self._name}-admin-{user}", self.managed.id, user, self._child(*providers))
