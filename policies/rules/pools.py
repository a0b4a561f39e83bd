"""Pools of nodes: taints, machine types, limits of size, and capacity."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from .field import Field, UndecidedError
from .node_pool import AKS, KARPENTER, MACHINE_SET, POOL_KINDS, POOL_LABEL, ROSA, NodePool, node_pools
from .production import in_production
from .queue_name import queue_label
from .resource import Resource
from .rule import Finding, Severity, rule, stack_rule
from .settings import Settings

_CLOUD_POOLS = frozenset({AKS, ROSA})
_SERVING = frozenset(
    {("ray.io", "RayService"), ("apps", "Deployment"), ("leaderworkerset.x-k8s.io", "LeaderWorkerSet")}
)


@rule(
    name="gpu-pool-taint",
    kinds=POOL_KINDS,
    subjects=node_pools,
    severity=Severity.HIGH,
    requirement="Every pool of GPU nodes has a taint with effect NoSchedule or NoExecute.",
    reason="Without one any pod starts an expensive node, keeps it from scaling to zero, and takes the GPU's place.",
    source="AKS GPU best practices",
    fix="Add the taint nvidia.com/gpu=present:NoSchedule to the pool.",
)
def gpu_pool_taint(pool: NodePool, _resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """At most one finding per pool."""
    if pool.has_gpus and not pool.keeps_pods_away():
        yield Finding(
            pool.taints.path, "GPU nodes without a taint that keeps other pods away", "a NoSchedule or NoExecute taint"
        )


@rule(
    name="machine-types",
    kinds=POOL_KINDS,
    subjects=node_pools,
    severity=Severity.HIGH,
    requirement="Every pool of GPU nodes has machines of machineTypes, where any are configured.",
    reason=(
        "The same model runs on machines whose prices differ by a factor of ten; a list leaves the choice to who pays."
    ),
    source="AKS size pages, quotas by family",
    fix="Take one of the listed machine types, or add this one to machineTypes in the configuration.",
)
def machine_types(pool: NodePool, _resource: Resource, settings: Settings) -> Iterator[Finding]:
    """One finding per machine type."""
    if not settings.machine_types or not pool.has_gpus:
        return
    for size in pool.sizes:
        name = size.text()
        if name and not any(fnmatchcase(name, pattern) for pattern in settings.machine_types):
            yield Finding(size.path, f"machines of type `{name}` are not listed", ", ".join(settings.machine_types))


@rule(
    name="pool-maximum",
    kinds=POOL_KINDS - {MACHINE_SET} | {("autoscaling.openshift.io", "MachineAutoscaler")},
    severity=Severity.HIGH,
    requirement=(
        "Every pool that grows by itself has a maximum, of at most maxNodesPerPool nodes; Karpenter's has limits."
    ),
    reason=(
        "A job with a wrong number of workers, or somebody's loop, then starts machines until the quota or money ends."
    ),
    source="InstaScale maxScaleoutAllowed, kyverno set-karpenter-non-cpu-limits",
    fix="Set the autoscaler's maximum to the nodes that the team's quota can fill.",
)
def pool_maximum(body: Field, resource: Resource, settings: Settings) -> Iterator[Finding]:
    """At most one finding per pool."""
    allowed = f"a maximum of at most {settings.max_nodes_per_pool}"
    if resource.kind == KARPENTER:
        limits = body.at("spec", "limits")
        if not limits.read():
            yield Finding(limits.path, "the pool has no limit", "limits, of nvidia.com/gpu where its nodes have GPUs")
        return
    field = _maximum(body, resource)
    nodes = field.read()
    if not isinstance(nodes, int | float):
        yield Finding(field.path, "the pool grows without a maximum", allowed)
    elif nodes > settings.max_nodes_per_pool:
        yield Finding(field.path, f"the pool grows to {nodes:g} nodes", allowed)


def _maximum(body: Field, resource: Resource) -> Field:
    if resource.kind == AKS:
        return body.at("maxCount" if body.at("enableAutoScaling").read() else "count")
    if resource.kind == ROSA:
        scaled = body.at("autoscaling")
        return scaled.at("max_replica") if scaled.read() else body.at("replicas")
    return body.at("spec", "maxReplicas")


@rule(
    name="spot-without-reservation",
    kinds=_CLOUD_POOLS,
    subjects=node_pools,
    severity=Severity.MEDIUM,
    requirement="No pool has spot nodes and a capacity reservation.",
    reason="Spot nodes never come from a reservation: it is paid for and stays empty.",
    source="rhcs machine pools, AKS capacity reservation groups",
    fix="Leave out either the reservation or the spot nodes.",
)
def spot_without_reservation(pool: NodePool, resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """At most one finding per pool."""
    body = resource.body
    reserved = (
        body.at("capacityReservationGroupID")
        if resource.kind == AKS
        else body.at("aws_node_pool", "capacity_reservation")
    )
    if reserved.read() and pool.is_spot:
        yield Finding(reserved.path, "spot nodes with a capacity reservation", "one of both")


@rule(
    name="private-nodes",
    kinds=_CLOUD_POOLS,
    severity=Severity.HIGH,
    requirement="Nodes have no public address, encrypt their disks at the host (AKS), and demand IMDSv2 (AWS).",
    reason="A public address offers the kubelet to the internet; IMDSv1 gives any pod the node's credentials.",
    source="CKV_AZURE_143, CKV_AZURE_227, checkov IMDSv1Disabled",
    fix="Set enableNodePublicIP to false, enableEncryptionAtHost to true; on AWS ec2_metadata_http_tokens to required.",
)
def private_nodes(body: Field, resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """One finding per setting."""
    if resource.kind == ROSA:
        tokens = body.at("aws_node_pool", "ec2_metadata_http_tokens")
        if tokens.read() != "required":
            yield Finding(tokens.path, "nodes answer IMDSv1", "required")
        return
    if body.at("enableNodePublicIP").read():
        yield Finding("enableNodePublicIP", "nodes have public addresses", "false, or left out")
    if body.at("enableEncryptionAtHost").read() is not True:
        yield Finding("enableEncryptionAtHost", "disks are not encrypted at the host", "true")


@stack_rule(
    name="no-spot-serving",
    severity=Severity.HIGH,
    requirement="In production no server's queue draws on a pool of spot nodes.",
    reason="A spot node goes within 30 seconds (Azure) or two minutes (AWS), and takes the model's answers with it.",
    source="AKS spot node pools",
    fix="Let the server's queue draw on a pool without spot, or make the pool one.",
)
def no_spot_serving(resources: Sequence[Resource], settings: Settings) -> Iterator[Finding | Exception]:
    """One finding per server. Its pool: by queue label, LocalQueue, ClusterQueue, ResourceFlavor and node label."""
    pools: dict[str, Resource] = {}
    try:
        for resource in resources:
            for pool in node_pools(resource):
                if pool.has_gpus and pool.is_spot and in_production(resource, settings):
                    pools[pool.labels.at(POOL_LABEL).text()] = resource
    except UndecidedError as error:
        yield error
        return
    if not pools:
        return
    flavors = {
        flavor.object_name.value: flavor.body.at("spec", "nodeLabels", POOL_LABEL).value
        for flavor in resources
        if flavor.kind == ("kueue.x-k8s.io", "ResourceFlavor")
    }
    for server in resources:
        if server.kind not in _SERVING or queue_label(server).value is None:
            continue
        for flavor in _flavors(resources, server):
            pool = pools.get(str(flavors.get(flavor)))
            if pool is not None:
                problem = f"the queue of this server draws on the spot pool `{flavors[flavor]}`"
                yield Finding(queue_label(server).path, problem, "a queue of pools without spot nodes", server)


def _flavors(resources: Sequence[Resource], server: Resource) -> Iterator[str]:
    """Names of the flavors that the queue of `server` draws on, in order."""
    queues = {
        queue.body.at("spec", "clusterQueue").value
        for queue in resources
        if queue.kind == ("kueue.x-k8s.io", "LocalQueue")
        and queue.namespace.value == server.namespace.value
        and queue.object_name.value == queue_label(server).value
    }
    for queue in resources:
        if queue.kind == ("kueue.x-k8s.io", "ClusterQueue") and queue.object_name.value in queues:
            for group in queue.body.at("spec", "resourceGroups").items():
                yield from (flavor.at("name").text() for flavor in group.at("flavors").items())
