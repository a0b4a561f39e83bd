"""docs/change-behaviour.md, written from the tables that the components act on.

    .venv/bin/python -m modelyard.components.reference.change_page > docs/change-behaviour.md

Only the tables are loaded, none of the clouds' SDKs.
"""

import importlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.components.common.change import Change, Effect, table


@dataclass(frozen=True)
class Section:
    """A component and its table, by the modules that hold them, so that neither is loaded before it is asked for."""

    component: str
    arguments: str
    """Module and TypedDict of its arguments, below `modelyard.components`: `azure.cluster.args:AksClusterArgs`."""
    changes: str
    """Module and name of its table."""

    def table(self) -> Mapping[str, Change]:
        """What each argument's change does."""
        return _named(self.changes)

    def args(self) -> type:
        """The type of its arguments; loads the component's SDK."""
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
"""All components of a cluster, a pool, a bucket or an identity, but the facade, which is one of these."""

_POOLS = {
    "aks": "AksGpuNodePool",
    "rosa": "RosaGpuMachinePool",
    "openshift": "OpenShiftGpuMachineSet",
    "karpenter": "KarpenterGpuNodePool",
}
"""Kinds of the facade, and what it picks for each."""

FACADE = [
    *("ownership", "instance_type", "for_preset", "task", "min_nodes", "max_nodes", "spot", "zones", "labels"),
    *("taints", "mig_profile", "driver", "disk_gib", "max_price", "fabric", "placement_group"),
    *("capacity_reservation", "capacity_blocks"),
]
"""Arguments of GpuNodePool that all kinds share; `kind` replaces the pool, and a section holds the kind's own ones."""

_HEAD = """\
<!-- Generated: `python -m modelyard.components.reference.change_page`. Edit the components' change tables instead. -->
# What a change does

For each argument of each component: does a change arrive in place, node by node, or by making the resource again?
Components read the same tables: what stands here as *replace* is what Pulumi is told to replace for.

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
"""How pods leave a pool that goes, by kind of cluster (AKS, delete node pools; OCM, `node_drain_grace_period`;
OpenShift, machine deletion; Karpenter, disruption: termination)."""

_DRAINED = """\
## How a pool goes

A pool goes when it leaves the program, and when a change replaces it. Its pods are asked to leave first, within their
disruption budgets; work that was interrupted waits in its queue.

| kind | before the nodes go |
|---|---|
{rows}

When the cluster itself goes, nothing is drained: everything in it goes with it, in one step.
"""

_RULES = """\
## What is never lost

- **Clusters** in production, and model and checkpoint storage unless `keep: false`, are protected: a plan that would
  delete or replace them fails before anything is touched. That is the plan's doing: `pulumi destroy --skip-preview` has
  none, and forgets what went with a protected cluster. Storage also stays in the cloud when it leaves its stack.
- **Names.** A resource that is renamed in the program keeps its cloud resource with an alias:
  `pulumi.ResourceOptions(aliases=[pulumi.Alias(name="<old>")])`, and the old `cluster_name` or `pool_name`.
- **Node counts** belong to the autoscaler, and never count as changes.
"""


def markdown() -> str:
    """The whole page."""
    parts = [_HEAD]
    for title, sections in SECTIONS.items():
        parts.append(f"## {title}\n")
        parts += [f"### {one.component}\n\n{table(one.table())}\n" for one in sections]
        if title == "Pools":
            parts.append(_facade())
    drained = "\n".join(f"| {kind} | {text} |" for kind, text in DRAINS.items())
    return "\n".join([*parts, _DRAINED.format(rows=drained), _RULES])


def _facade() -> str:
    tables = {one.component: one.table() for one in SECTIONS["Pools"]}
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


def _named(place: str) -> Any:
    module, name = place.split(":")
    return getattr(importlib.import_module(f"modelyard.components.{module}"), name)


if __name__ == "__main__":
    sys.stdout.write(markdown())
