"""Page of the effects of changes, from the tables that the components act on.

Only the tables are loaded, none of the clouds' SDKs.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.components.common.change import ArgumentChange, Effect, render_table


@dataclass(frozen=True)
class Section:
    """A component and its change table, by the names of their modules: each is loaded at its first use."""

    component: str
    arguments: str
    """Module and TypedDict of the arguments, below `modelyard.components`: `azure.cluster.args:AksClusterArgs`."""
    changes: str
    """Module and name of the change table."""

    def table(self) -> Mapping[str, ArgumentChange]:
        """Return the effect of changing each argument."""
        return _named(self.changes)

    def args(self) -> type:
        """Return the TypedDict of the arguments."""
        return _named(self.arguments)


SECTIONS: Mapping[str, tuple[Section, ...]] = {
    "Clusters": (
        Section("AksCluster", "azure.cluster.args:AksClusterArgs", "azure.cluster.changes:AKS_CLUSTER_CHANGES"),
        Section("RosaCluster", "rosa.cluster.args:RosaClusterArgs", "rosa.cluster.changes:ROSA_CLUSTER_CHANGES"),
        Section(
            "ExistingCluster",
            "kubernetes.existing_cluster:ExistingClusterArgs",
            "kubernetes.existing_cluster:EXISTING_CLUSTER_CHANGES",
        ),
    ),
    "Pools": (
        Section(
            "AksGpuNodePool",
            "azure.node_pool.args:AksGpuNodePoolArgs",
            "azure.node_pool.changes:AKS_GPU_POOL_CHANGES",
        ),
        Section(
            "RosaGpuMachinePool",
            "rosa.machine_pool.args:RosaGpuMachinePoolArgs",
            "rosa.machine_pool.changes:ROSA_GPU_POOL_CHANGES",
        ),
        Section(
            "OpenShiftGpuMachineSet",
            "openshift.args:OpenShiftGpuMachineSetArgs",
            "openshift.changes:OPENSHIFT_GPU_MACHINE_SET_CHANGES",
        ),
        Section(
            "OpenShiftClusterAutoscaler",
            "openshift.cluster_autoscaler:OpenShiftClusterAutoscalerArgs",
            "openshift.changes:OPENSHIFT_CLUSTER_AUTOSCALER_CHANGES",
        ),
        Section(
            "KarpenterGpuNodePool",
            "karpenter.args:KarpenterGpuNodePoolArgs",
            "karpenter.changes:KARPENTER_GPU_NODE_POOL_CHANGES",
        ),
    ),
    "Buckets": (
        Section(
            "AzureModelContainers",
            "azure.storage:AzureModelContainersArgs",
            "azure.changes:AZURE_MODEL_CONTAINERS_CHANGES",
        ),
        Section(
            "AwsModelBuckets",
            "aws.storage:AwsModelBucketsArgs",
            "aws.changes:AWS_MODEL_BUCKETS_CHANGES",
        ),
    ),
    "Identities": (
        Section(
            "AzureWorkloadIdentity",
            "azure.identity:AzureWorkloadIdentityArgs",
            "azure.changes:AZURE_WORKLOAD_IDENTITY_CHANGES",
        ),
        Section(
            "AwsWorkloadRole",
            "aws.identity:AwsWorkloadRoleArgs",
            "aws.changes:AWS_WORKLOAD_ROLE_CHANGES",
        ),
    ),
}
"""Components of clusters, pools, buckets and identities, without the facade `GpuNodePool`."""

_POOLS = {
    "aks": "AksGpuNodePool",
    "rosa": "RosaGpuMachinePool",
    "openshift": "OpenShiftGpuMachineSet",
    "karpenter": "KarpenterGpuNodePool",
}
"""Component of each kind of the facade."""

FACADE = [
    *("ownership", "instance_type", "for_preset", "task", "min_nodes", "max_nodes", "spot", "zones", "labels"),
    *("taints", "mig_profile", "driver", "disk_gib", "max_price", "fabric", "placement_group"),
    *("capacity_reservation", "capacity_blocks"),
]
"""Arguments of GpuNodePool that all kinds share; `kind` replaces the pool, and a section holds the kind's own ones."""

_HEAD = """\
<!-- Generated: `python -m tools.documentation`. Edit the components' change tables instead. -->
# Effects of changes

For each argument of each component: a change arrives in place, node by node, or by making the resource again.
Components read the same tables: they tell Pulumi to replace for each *replace* below.

| change | meaning |
|---|---|
| in place | nothing that runs is disturbed |
| rolling | nodes are replaced one after the other; pods move within their disruption budgets |
| replace | the resource is deleted and made again |
| refused | the service does not allow it: `up` fails, nothing is changed; the text says what to do instead |

`pulumi preview` shows each of them before anything happens: `~` in place, `+-` replace.
"""

DRAINS = {
    "aks": (
        "`PoolDrain` closes its nodes and evicts their pods before Pulumi deletes the pool, since AKS itself does "
        "neither; pods that have not left after `drain_minutes` are named, and the pool stays"
    ),
    "rosa": "OCM drains each node, for at most `drain_minutes`, before its machine goes",
    "openshift": "the machine API drains each machine before it deletes it; `up` does not wait for that",
    "karpenter": "Karpenter drains each node before it ends it, for at most `grace_seconds`, else as long as it takes",
}
"""Drain of a pool before it is deleted, by kind of cluster (AKS, delete node pools; OCM, `node_drain_grace_period`;
OpenShift, machine deletion; Karpenter, disruption: termination)."""

_DRAINED = """\
## Deletion of a pool

A pool goes when it leaves the program, and when a change replaces it. Its pods are asked to leave first, within their
disruption budgets; interrupted work waits in its queue.

| kind | before the nodes go |
|---|---|
{rows}

When the cluster itself goes, nothing is drained: everything in it goes with it, in one step.
"""

_RULES = """\
## Protection

- **Clusters** in production, and model and checkpoint storage unless `keep: false`, are protected: a plan that would
  delete or replace them fails before anything is touched. That is the plan's doing: `pulumi destroy --skip-preview` has
  none, and forgets what went with a protected cluster. Storage also stays in the cloud when it leaves its stack.
- **Names.** A resource that is renamed in the program keeps its cloud resource with an alias:
  `pulumi.ResourceOptions(aliases=[pulumi.Alias(name="<old>")])`, and the old `cluster_name` or `pool_name`.
- **Node counts** belong to the autoscaler, and never count as changes.
"""


def render_page() -> str:
    """Return the page as Markdown."""
    parts = [_HEAD]
    for title, sections in SECTIONS.items():
        parts.append(f"## {title}\n")
        parts += [f"### {section.component}\n\n{render_table(section.table())}\n" for section in sections]
        if title == "Pools":
            parts.append(_facade())
    drained = "\n".join(f"| {kind} | {text} |" for kind, text in DRAINS.items())
    return "\n".join([*parts, _DRAINED.format(rows=drained), _RULES])


def _facade() -> str:
    """Return the section of `GpuNodePool`: the effect of each shared argument by kind of cluster."""
    tables = {section.component: section.table() for section in SECTIONS["Pools"]}
    lines = [
        "### GpuNodePool\n",
        "As the component of the kind, whose own arguments are in the section of its name.\n",
        f"| argument | {' | '.join(_POOLS)} |",
        f"|---|{'---|' * len(_POOLS)}",
        f"| `kind` |{f' {Effect.REPLACE.value} |' * len(_POOLS)}",
    ]
    for name in FACADE:
        changes = (tables[component].get(name) for component in _POOLS.values())
        effects = ("-" if change is None else change.effect.value for change in changes)
        lines.append(f"| `{name}` | {' | '.join(effects)} |")
    return "\n".join(lines) + "\n"


def _named(address: str) -> Any:
    module, name = address.split(":")
    return getattr(importlib.import_module(f"modelyard.components.{module}"), name)
