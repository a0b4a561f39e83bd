"""Node taints, in the spelling that every cloud's tools share: `key=value:Effect`."""

import re
from dataclasses import dataclass

from modelyard.components.common.errors import ArgumentError

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
"""Effects of a taint (Kubernetes, core/v1 `TaintEffect`)."""

_SOURCE = "Kubernetes, taints and tolerations"

_TAINT = re.compile(r"(?P<key>[^=:]+)(?:=(?P<value>[^=:]*))?:(?P<effect>[A-Za-z]+)")
_PREFIX = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")

DAEMON_KEYS = frozenset(
    {
        "CriticalAddonsOnly",
        "node-role.kubernetes.io/control-plane",
        "node-role.kubernetes.io/infra",
        "node-role.kubernetes.io/master",
        "node.cilium.io/agent-not-ready",
        "ebs.csi.aws.com/agent-not-ready",
        "efs.csi.aws.com/agent-not-ready",
    }
)
"""Keys that only a cluster's own daemons tolerate, or remove once they run on the node (Kubernetes, well-known taints;
installation guides of cilium and of the AWS CSI drivers)."""

STARTUP_PREFIX = "startup-taint.cluster-autoscaler.kubernetes.io/"
"""Prefix of taints that the autoscaler ignores when it simulates a pod on a node that does not exist yet
(kubernetes/autoscaler, cluster-autoscaler/utils/taints, StartupTaintPrefix)."""


@dataclass(frozen=True, order=True)
class Taint:
    """Mark on a node that keeps pods away unless they tolerate it."""

    key: str
    effect: str
    value: str = ""

    def text(self) -> str:
        """Return `key=value:Effect`, as kubectl, AKS and rosa spell it."""
        return f"{self.key}={self.value}:{self.effect}" if self.value else f"{self.key}:{self.effect}"

    def mapping(self) -> dict[str, str]:
        """Return the taint as Kubernetes' own kinds hold it."""
        return {"key": self.key, **({"value": self.value} if self.value else {}), "effect": self.effect}

    def toleration(self) -> dict[str, str]:
        """Return the toleration that lets a pod onto the node all the same."""
        if not self.value:
            return {"key": self.key, "operator": "Exists", "effect": self.effect}
        return {"key": self.key, "operator": "Equal", "value": self.value, "effect": self.effect}

    @property
    def daemons_only(self) -> bool:
        """True where no ordinary pod tolerates it, and the autoscaler does not know that it is removed later."""
        return self.key in DAEMON_KEYS and self.effect != "PreferNoSchedule"


GPU = Taint(key="nvidia.com/gpu", value="present", effect="NoSchedule")
"""Taint of every GPU node, which keeps pods without a GPU off it. NVIDIA's GPU operator tolerates this key by default,
and Kubernetes' ExtendedResourceToleration admission adds the toleration to pods that request a GPU."""


def parse_taint(pool: str, argument: str, text: str) -> Taint:
    """Parse a taint written as `key=value:Effect` or `key:Effect`.

    Args:
        pool: name of the pool, for errors.
        argument: path of the taint in the pool's arguments, such as `taints[0]`.
        text: the taint.

    Raises:
        ArgumentError: it is written in another way, or breaks Kubernetes' rules for keys and values of labels.
    """
    match = _TAINT.fullmatch(text)
    if match is None:
        raise ArgumentError(pool, argument, text, "is not a taint; write it as 'key=value:NoSchedule'")
    key, value, effect = match["key"], match["value"] or "", match["effect"]
    if effect not in EFFECTS:
        nearest = next((name for name in EFFECTS if name.lower() == effect.lower()), "NoSchedule")
        rule = f"effect {effect!r} is not one of {', '.join(EFFECTS)}; did you mean {nearest!r}?"
        raise ArgumentError(pool, argument, text, rule, _SOURCE)
    if not is_label_key(key):
        rule = f"key {key!r} must be a label key, such as 'example.com/dedicated'"
        raise ArgumentError(pool, argument, text, rule, _SOURCE)
    if not is_label_value(value):
        rule = f"value {value!r} must be a label value: letters, digits, '-', '_', '.', at most 63"
        raise ArgumentError(pool, argument, text, rule, _SOURCE)
    return Taint(key=key, value=value, effect=effect)


def is_label_key(key: str) -> bool:
    """Tell if `key` may be the key of a label or taint (Kubernetes, apimachinery `IsQualifiedName`)."""
    prefix, slash, name = key.rpartition("/")
    if slash and (len(prefix) > 253 or not _PREFIX.fullmatch(prefix)):
        return False
    return len(name) <= 63 and _NAME.fullmatch(name) is not None


def is_label_value(value: str) -> bool:
    """Tell if `value` may be a label's value (apimachinery `IsValidLabelValue`)."""
    return not value or (len(value) <= 63 and _NAME.fullmatch(value) is not None)
