"""Red Hat OpenShift on AWS with a hosted control plane: network, identities, key, cluster, and a provider to work with.

GPU pools are `RosaGpuMachinePool`, each a resource of its own.
"""

from typing import Any

import pulumi
import pulumi_kubernetes
from modelyard.components.aws.kms import encryption_key
from modelyard.components.aws.provider import with_provider
from modelyard.components.common.component import Component
from modelyard.components.common.ownership import parse_ownership
from modelyard.components.rosa import iam as rosa_iam
from modelyard.components.rosa.cluster import identity_providers, request
from modelyard.components.rosa.cluster.args import RosaClusterArgs, RosaSubnetArgs
from modelyard.components.rosa.cluster.budget import budget
from modelyard.components.rosa.cluster.reference import RosaClusterReference
from modelyard.components.rosa.cluster.registry import repositories
from modelyard.components.rosa.cluster.spec import planned
from modelyard.components.rosa.cluster.spot import interruption_queue
from modelyard.components.rosa.iam import Identities
from modelyard.components.rosa.network import network
from modelyard.components.rosa.ocm.resources.cluster import HcpCluster, HcpClusterReady
from modelyard.components.rosa.ocm.resources.cluster_access import ClusterAccess
from modelyard.components.rosa.ocm.resources.cluster_settings import ClusterAutoscaler, UpgradeSchedule
from modelyard.components.rosa.ocm.resources.group_member import GroupMember
from modelyard.components.rosa.ocm.resources.identity_provider import IdentityProvider

__all__ = ["RosaCluster", "RosaClusterArgs", "RosaSubnetArgs"]


class RosaCluster(Component):
    """A cluster that answers, with one Kubernetes provider of a service account that has the rights it needs."""

    name: pulumi.Output[str]
    """Of the cluster."""
    cluster_id: pulumi.Output[str]
    """OCM's id."""
    oidc_issuer: pulumi.Output[str]
    """Issuer of service account tokens, without its scheme; IAM roles of workspaces trust it."""
    oidc_provider_arn: pulumi.Output[str]
    """Its OIDC provider in IAM."""
    kubeconfig: pulumi.Output[str]
    """A secret."""
    server: pulumi.Output[str]
    """Address of the API."""
    console_url: pulumi.Output[str]
    """Address of the web console."""
    repositories: pulumi.Output[dict[str, str]]
    """Address of each image repository, by name."""

    def __init__(self, name: str, args: RosaClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        plan = planned(name, args)
        opts = with_provider(name, opts, region=plan.region, account_id=plan.account_id)
        super().__init__("modelyard:index:RosaCluster", name, None, opts)
        self.plan = plan
        self.aws = self.get_provider("aws:index/provider:Provider")
        self._tags = {
            **parse_ownership(args["ownership"]).tags(),
            "red-hat-managed": "true",
            "rosa_hcp_policies": "true",
        }
        self._private, outer, routes = self._network(args)
        iam = rosa_iam.identities(
            name, plan.cluster, oidc_config_id=args.get("oidc_config_id"), tags=self._tags, parent=self
        )
        key = args.get("kms_key_arn") or self._key()
        self.managed = self._cluster([*self._private.values(), *outer], iam, key, [*routes, *iam.ready])
        answers = HcpClusterReady(f"{name}-ready", self.managed.id, plan.version, self._with_it())
        self._settings(args, answers)
        self._people(args, answers)
        access = ClusterAccess(f"{name}-access", self.managed.id, self._with_it(answers))
        self.ready: list[pulumi.Resource] = [answers, access]

        self.name = pulumi.Output.from_input(plan.cluster)
        self.cluster_id = self.managed.id
        self.oidc_issuer = iam.issuer_url.apply(lambda url: (url or "").removeprefix("https://"))
        self.oidc_provider_arn = iam.provider_arn
        self.kubeconfig = pulumi.Output.secret(access.kubeconfig)
        self.server = access.server
        self.console_url = answers.console_url
        self.repositories = self._repositories(args)
        self.provider = pulumi_kubernetes.Provider(
            name, kubeconfig=self.kubeconfig, cluster_identifier=self.managed.id, opts=self._with_it()
        )
        self.reference = self._reference(answers)
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

    def inside(self, *after: pulumi.Resource) -> pulumi.ResourceOptions:
        """Options of a component in this cluster: its provider, and gone with it without being deleted one by one."""
        return pulumi.ResourceOptions(
            providers=[self.provider], deleted_with=self.managed, depends_on=[*self.ready, *after]
        )

    def _with_it(self, *after: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, deleted_with=self.managed, depends_on=list(after))

    def _network(self, args: RosaClusterArgs) -> tuple[dict[str, Any], list[Any], list[pulumi.Resource]]:
        """Private subnets by zone, public ones that the cluster must know of, and the ways out."""
        plan, existing = self.plan, args.get("existing_subnets")
        if existing is not None:
            inner = {zone: existing["private"][zone] for zone in plan.zones}
            return inner, [] if plan.private else [existing.get("public", {})[zone] for zone in plan.zones], []
        made = network(
            self._name,
            plan.addresses["machine"],
            plan.ranges,
            region=plan.region,
            tags=self._tags,
            nat_per_zone=bool(args.get("nat_per_zone", False)),
            parent=self,
        )
        return dict(made.private), [] if plan.private else list(made.public.values()), made.ready

    def _key(self) -> pulumi.Output[str]:
        told = f"Disks and etcd of ROSA cluster {self._name}"
        # The tag lets the managed ROSA policies use the key (AWS, ROSAKMSProviderPolicy).
        marked = {**self._tags, "red-hat": "true"}
        inside = pulumi.ResourceOptions(parent=self)
        return encryption_key(f"{self._name}-key", told, self.plan.account_id, tags=marked, opts=inside)

    def _queue(self) -> pulumi.Input[str] | None:
        if not self.plan.spot_queue:
            return self.plan.spot_queue_url
        return interruption_queue(self._name, self.plan.cluster, self.plan.account_id, tags=self._tags, parent=self)

    def _cluster(
        self, subnets: list[Any], iam: Identities, key: pulumi.Input[str], before: list[pulumi.Resource]
    ) -> HcpCluster:
        inputs = request.cluster_inputs(
            self.plan,
            subnets=subnets,
            roles=iam.account_roles,
            oidc_config_id=iam.oidc_config_id,
            key=key,
            queue=self._queue(),
            tags=self._tags,
        )
        options = pulumi.ResourceOptions(
            parent=self,
            depends_on=before,
            protect=self.plan.protected,
            delete_before_replace=True,  # the name is unique
        )
        return HcpCluster(self._name, inputs, options)

    def _settings(self, args: RosaClusterArgs, answers: pulumi.Resource) -> None:
        after = self._with_it(answers)
        # A GPU node takes longer than the default to boot and to load its driver.
        limits = {
            "max_node_provision_time": "30m",
            "resource_limits": {"max_nodes_total": self.plan.max_nodes},
        }
        ClusterAutoscaler(f"{self._name}-autoscaler", self.managed.id, limits, after)
        if "upgrade_schedule" in args:
            schedule = args["upgrade_schedule"]
            UpgradeSchedule(f"{self._name}-upgrades", self.managed.id, schedule, minor=False, opts=after)
        if (wanted := args.get("budget")) is not None:
            budget(self._name, self.plan.cluster, wanted, tags=self._tags, parent=self)

    def _repositories(self, args: RosaClusterArgs) -> pulumi.Output[dict[str, str]]:
        plan, names = self.plan, args.get("repositories", [])
        made = repositories(self._name, plan.cluster, names, keep=plan.protected, tags=self._tags, parent=self)
        return pulumi.Output.all(**made) if made else pulumi.Output.from_input({})

    def _people(self, args: RosaClusterArgs, answers: HcpClusterReady) -> None:
        providers = [
            IdentityProvider(
                f"{self._name}-{one['name']}",
                {"cluster_id": self.managed.id, **identity_providers.inputs(one)},
                self._with_it(answers),
            )
            for one in args.get("identity_providers", [])
        ]
        for user in args.get("admins", []):
            GroupMember(f"{self._name}-admin-{user}", self.managed.id, user, self._with_it(*providers))

    def _reference(self, answers: HcpClusterReady) -> RosaClusterReference:
        plan = self.plan
        reference: RosaClusterReference = {
            # The id of the resource that waits, which is the cluster's: who needs it then waits as well.
            "cluster_id": answers.id,
            "region": plan.region,
            "zones": list(plan.zones),
            "version": plan.version,
            "subnets": dict(self._private),
            "max_nodes": plan.max_nodes,
            "spot_drains": plan.spot_drains,
        }
        if plan.vcpu_quota:
            reference["vcpu_quota"] = plan.vcpu_quota
        if plan.subnet_prefix is not None:
            reference["subnet_prefix"] = plan.subnet_prefix
        return reference
