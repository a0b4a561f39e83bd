"""What OCM is asked for a node pool, and for the configurations that pools name."""

from typing import Annotated, Any, Literal

from modelyard.components.rosa.ocm.body import Body
from modelyard.components.rosa.ocm.version_body import Version
from pydantic import Field, StringConstraints

Minutes = Annotated[int, Field(ge=0, le=10080)]


class Taint(Body):
    """A taint of nodes."""

    key: str
    value: str = ""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]


class Autoscaling(Body):
    """Limits of the autoscaler. The names are in the singular; those of classic machine pools are in the plural."""

    min_replica: int = Field(ge=0)
    max_replica: int = Field(ge=1)


class RootVolume(Body):
    """The disk of a node, in GiB."""

    size: int = Field(ge=75, le=16384)


class SpotMarketOptions(Body):
    """Spare capacity, up to a price in USD/h. It is text here, and a number on classic machine pools."""

    max_price: Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)?$")]


class CapacityReservation(Body):
    """Capacity that was paid for in advance."""

    id: str | None = None
    market_type: Literal["OnDemand", "CapacityBlocks"] | None = None
    preference: Literal["none", "open", "capacity-reservations-only"] | None = None


class AwsNodePool(Body):
    """The AWS side of a node pool."""

    instance_type: str
    root_volume: RootVolume | None = None
    ec2_metadata_http_tokens: Literal["required", "optional"] = "required"
    tags: dict[str, str] = Field(default_factory=dict)
    additional_security_group_ids: list[str] | None = None
    capacity_reservation: CapacityReservation | None = None
    spot_market_options: SpotMarketOptions | None = None


class DrainGracePeriod(Body):
    """How long pods may take to leave a node."""

    value: Minutes
    unit: Literal["minutes"] = "minutes"


class ManagementUpgrade(Body):
    """How many nodes an upgrade replaces at a time; numbers or percentages, as text."""

    max_surge: str
    max_unavailable: str


class NodePool(Body):
    """Creates a node pool (`POST /clusters/{id}/node_pools`)."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z]([-a-z0-9]*[a-z0-9])?$")]
    subnet: str
    auto_repair: bool = True
    replicas: int | None = Field(default=None, ge=0)
    autoscaling: Autoscaling | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    taints: list[Taint] = Field(default_factory=list)
    aws_node_pool: AwsNodePool
    tuning_configs: list[str] | None = None
    kubelet_configs: Annotated[list[str], Field(max_length=1)] | None = None
    node_drain_grace_period: DrainGracePeriod | None = None
    management_upgrade: ManagementUpgrade | None = None
    version: Version | None = None


class TuningConfig(Body):
    """Creates a configuration of the node tuning operator (`POST /clusters/{id}/tuning_configs`)."""

    name: str
    spec: dict[str, Any]


class KubeletConfig(Body):
    """Creates a configuration of the kubelet (`POST /clusters/{id}/kubelet_configs`)."""

    name: str
    pod_pids_limit: int = Field(ge=4096, le=16384)
