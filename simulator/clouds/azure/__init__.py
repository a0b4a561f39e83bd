"""The simulated Azure: `azure-native`."""

import os
from collections.abc import Mapping
from typing import Any

from simulator.clouds.azure import agent_pools, clusters, functions, identities, networks, services
from simulator.clouds.azure.arm import unlisted
from simulator.clouds.cloud import Cloud, Wording
from simulator.clouds.resource_type import AccountScope

# Ids that Azure never assigns.
_SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"
_TENANT = "00000000-0000-4000-8000-000000000002"

_PARTS = (networks, clusters, agent_pools, identities, services)
TYPES = {kind.token: kind for part in _PARTS for kind in part.TYPES}


def read_scope(configuration: Mapping[str, Any]) -> AccountScope:
    """Find subscription, tenant and location as the official provider does; invented ones where none is set."""
    return AccountScope(
        account=str(configuration.get("subscriptionId") or os.environ.get("ARM_SUBSCRIPTION_ID") or _SUBSCRIPTION),
        region=str(configuration.get("location") or os.environ.get("ARM_LOCATION") or ""),
        tenant=str(configuration.get("tenantId") or os.environ.get("ARM_TENANT_ID") or _TENANT),
    )


AZURE = Cloud(
    package="azure-native",
    python_package="pulumi_azure_native",
    types=TYPES,
    functions=functions.FUNCTIONS,
    unlisted=unlisted,
    unlisted_function=lambda token: functions.getter(TYPES, token),
    scope=read_scope,
    wordings={
        "quota": Wording(
            "QuotaExceeded",
            "{name}: operation could not be completed as it results in exceeding approved quota of cores",
        ),
        # AKS accepts the pool, then cannot fill the scale set: the pool exists, in state Failed.
        "capacity": Wording(
            "AllocationFailed",
            "{name}: allocation failed, we do not have sufficient capacity for the requested VM size",
            exists=True,
        ),
        "throttled": Wording("TooManyRequests", "the request was throttled (429) too often"),
        "timeout": Wording(
            "Future#WaitForCompletion", "{name}: context has been cancelled: deadline exceeded", exists=True
        ),
        "half-created": Wording(
            "InternalOperationError", "{name}: internal server error (500) while it was made", exists=True
        ),
        "exists": Wording("Conflict", "cannot create already existing resource {name}"),
        "denied": Wording("AuthorizationFailed", "the client has no permission for this action on {name} ({type})"),
        "held": Wording("InUse", ""),
        "missing": Wording("InvalidResourceReference", ""),
        "busy": Wording("OperationNotAllowed", ""),
    },
    # AKS answers 400 to values that its API version does not know, such as osSKU Ubuntu2404 in 2025-09-01.
    closed_enums=("azure-native:containerservice:",),
    is_lenient=False,
    creates_missing=True,
    stable_outputs=("name", "location"),
    replaces_in_place=True,
    retries=3,
)
