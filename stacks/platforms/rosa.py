"""Environments of kind `rosa`: the cluster, its machine pools and its buckets, validated without AWS's SDK.

The SDK is loaded by the components, through the front door of `modelyard.components`, when the first is registered.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import pulumi
from modelyard import components as yard
from modelyard.components.aws import naming
from modelyard.components.kubernetes.workspaces.identity import WorkspaceIdentityArgs
from modelyard.components.rosa import capacity
from modelyard.components.rosa.cluster.spec import RosaClusterSpec, validate_cluster
from modelyard.components.rosa.machine_pool.spec import RosaMachinePoolSpec, validate_node_pool
from modelyard.components.rosa.ocm.errors import TokenError, UnreachableError
from modelyard.stacks.environment.environment import Environment, NodePool
from modelyard.stacks.environment.rosa import Rosa
from modelyard.stacks.environment.storage import Buckets
from modelyard.stacks.platforms.object_storage import CHECKPOINTS, MODELS, WorkspaceAccount
from modelyard.stacks.platforms.platform import AccessError, ClusterContext, Platform, ownership
from typing_extensions import override

if TYPE_CHECKING:
    from modelyard.components.rosa.cluster.args import RosaClusterArgs

LOGIN_SECRET = "modelyard:loginSecret"  # noqa: S105 - where it is kept
"""Key of the stack's configuration with the client secret of the identity provider."""


class RosaPlatform(Platform[RosaClusterSpec, RosaMachinePoolSpec]):
    """A ROSA cluster with a hosted control plane that is created."""

    cluster_path = ("cluster", "rosa")
    cluster_keys = frozenset({"rosa"})
    catalogue_cloud = "aws"
    creates_nodes = creates_buckets = is_openshift = True

    @override
    def required_keys(self, environment: Environment) -> Sequence[str]:
        return ("rosa",)

    @override
    def region(self, environment: Environment) -> str | None:
        return environment.cluster.region or _rosa(environment).region

    @override
    def is_production(self, environment: Environment) -> bool:
        return _rosa(environment).production

    @override
    def validate_cluster(self, environment: Environment) -> RosaClusterSpec:
        return validate_cluster(environment.name, cluster_args(environment))

    @override
    def validate_storage(self, environment: Environment, buckets: Buckets) -> None:
        rosa = _rosa(environment)
        prefix = environment.name if buckets.name is None else buckets.name
        for bucket in (MODELS, CHECKPOINTS):
            full_name = naming.bucket_name(prefix, bucket, rosa.account_id, rosa.region)
            naming.validate_bucket_name(environment.name, "name", full_name)

    @override
    def validate_node_pool(
        self, environment: Environment, cluster: RosaClusterSpec, pool: NodePool
    ) -> RosaMachinePoolSpec:
        args: Any = {**self.validated_features(environment, pool), "cluster": cluster.reference()}
        return validate_node_pool(pool.name, args)

    @override
    def validate_capacity(
        self, environment: Environment, cluster: RosaClusterSpec, pools: Sequence[RosaMachinePoolSpec]
    ) -> None:
        capacity.validate_capacity(
            environment.name,
            [*cluster.demands, *(pool.demand for pool in pools)],
            vcpu_quota=cluster.vcpu_quota,
            max_nodes=cluster.max_nodes,
            subnet_prefix=cluster.subnet_prefix,
        )

    @override
    def node_pool_args(self, environment: Environment, pool: NodePool) -> dict[str, Any]:
        args = super().node_pool_args(environment, pool)
        if pool.spot and pool.usd_per_hour is not None:
            args.setdefault("max_price", pool.usd_per_hour)
        return args

    @override
    def authenticate(self, environment: Environment) -> None:
        from modelyard.components.rosa.ocm.connection import check_sign_in  # noqa: PLC0415 - brings httpx

        if _rosa(environment).identity_providers and _login_secret() is None:
            raise AccessError(
                "cluster.rosa.identity_providers[0] has no client secret; "
                f"give it with pulumi config set --secret {LOGIN_SECRET}"
            )
        try:
            check_sign_in()
        except (TokenError, UnreachableError) as error:
            raise AccessError(str(error)) from None

    @override
    def provision_cluster(self, environment: Environment, cluster: RosaClusterSpec) -> ClusterContext:
        secret = _login_secret() or pulumi.Output.secret("")  # a preview needs none
        rosa = yard.RosaCluster(environment.name, cluster_args(environment, secret), spec=cluster)
        buckets = environment.storage.buckets
        storage = RosaStorage(environment, buckets, rosa) if buckets else None
        outputs = {
            "cluster": {
                "name": rosa.name,
                "id": rosa.cluster_id,
                "server": rosa.server,
                "console": rosa.console_url,
                "oidc_issuer": rosa.oidc_issuer,
            },
            "kubeconfig": pulumi.Output.secret(rosa.kubeconfig),
        }
        return ClusterContext(
            provider=rosa.provider,
            outputs={**outputs, **({"storage": storage.outputs} if storage else {})},
            deleted_with=rosa.managed,
            ready=tuple(rosa.ready),
            node_pool_args={"cluster": rosa.reference},
            object_storage=storage,
        )


class RosaStorage:
    """S3 buckets of an environment with a key of their own, in the cluster's region and account."""

    def __init__(self, environment: Environment, buckets: Buckets, cluster: "yard.RosaCluster") -> None:
        rosa = _rosa(environment)
        self._cluster = cluster
        self._options = pulumi.ResourceOptions(providers=[cluster.aws] if cluster.aws else None)
        self._buckets = yard.AwsModelBuckets(
            f"{environment.name}-storage",
            {
                "ownership": ownership(environment),
                "account_id": rosa.account_id,
                "region": rosa.region,
                "name_prefix": environment.name if buckets.name is None else buckets.name,
                "buckets": [MODELS, CHECKPOINTS],
                "keep": buckets.keep,
                "deleted_days": buckets.deleted_days,
            },
            self._options,
        )

    @property
    def outputs(self) -> dict[str, Any]:
        """Names of the buckets."""
        return {"buckets": self._buckets.bucket_names}

    def provision_identity(self, account: WorkspaceAccount) -> WorkspaceIdentityArgs:
        """Register a role that writes the team's checkpoints and reads all models, or one that reads models."""
        arns = self._buckets.bucket_arns
        args: yard.AwsWorkloadRoleArgs = {
            "ownership": account.ownership,
            "oidc_provider_arn": self._cluster.oidc_provider_arn,
            "oidc_issuer": self._cluster.oidc_issuer,
            "service_account": account.name,
            "bucket": arns[CHECKPOINTS if account.writes_checkpoints else MODELS],
            "kms_key_arn": self._buckets.kms_key_arn,
        }
        if account.writes_checkpoints:
            args["read_buckets"] = [arns[MODELS]]
        else:
            args["prefix"], args["read_only"] = "", True
        name = f"{account.ownership['team']}-{account.name}"
        return yard.AwsWorkloadRole(name, args, self._options).workspace_identity()


def cluster_args(environment: Environment, login_secret: pulumi.Input[str] = "") -> "RosaClusterArgs":
    """Return the arguments of the cluster, which have the keys of the section.

    Args:
        environment: environment with the section `cluster.rosa`.
        login_secret: client secret of the identity provider; validation does without.
    """
    rosa = _rosa(environment)
    args = {**rosa.arguments(), "ownership": ownership(environment)}
    for provider in args.get("identity_providers", []):
        provider["open_id"]["client_secret"] = login_secret
    return cast("RosaClusterArgs", args)


def _rosa(environment: Environment) -> Rosa:
    if environment.cluster.rosa is None:
        raise ValueError("kind 'rosa' has a section cluster.rosa")
    return environment.cluster.rosa


def _login_secret() -> pulumi.Output[str] | None:
    return pulumi.Config("modelyard").get_secret(LOGIN_SECRET.partition(":")[2])


PLATFORM: Platform[RosaClusterSpec, RosaMachinePoolSpec] = RosaPlatform()
