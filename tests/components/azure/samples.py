"""Arguments that several tests of Azure's components start from."""

from typing import Any

from tests.components.azure.recorded import SUBSCRIPTION

OWNERSHIP = {"team": "platform", "owner": "platform-team", "cost_center": "cc-1", "environment": "dev"}

CLUSTER: dict[str, Any] = {
    "ownership": OWNERSHIP,
    "location": "westeurope",
    "kubernetes_version": "1.33",
    "admin_groups": ["11111111-2222-3333-4444-555555555555"],
}
"""AksCluster with every default: a private one."""

REFERENCE: dict[str, Any] = {
    "name": "gpu-dev",
    "resource_group": "gpu-dev",
    "location": "westeurope",
    "kubernetes_version": "1.33",
    "node_subnet": f"{SUBSCRIPTION}/subnets/nodes",
    "identity": "control-plane",
    "max_nodes": 100,
}
"""AksClusterReference."""

POOL: dict[str, Any] = {"cluster": REFERENCE, "ownership": OWNERSHIP, "max_nodes": 4}
"""AksGpuNodePool without its machine."""

A100 = {**POOL, "instance_type": "Standard_NC24ads_A100_v4"}
T4 = {**POOL, "instance_type": "Standard_NC4as_T4_v3"}
H100 = {**POOL, "instance_type": "Standard_ND96isr_H100_v5"}
A10 = {**POOL, "instance_type": "Standard_NV36ads_A10_v5"}

RESERVATION = f"{SUBSCRIPTION}/resourceGroups/gpus/providers/Microsoft.Compute/capacityReservationGroups/h100"
