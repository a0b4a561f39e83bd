"""A node taint, in the one spelling that every cloud's tools share: `key=value:Effect`."""

import re
from dataclasses import dataclass

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")

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
"""Keys that only a cluster's own daemons tolerate, or take away once they run on the node (Kubernetes: well-known
taints; cilium and the AWS CSI drivers: their installation guides)."""

STARTUP_PREFIX = "startup-taint.cluster-autoscaler.kubernetes.io/"
"""The autoscaler leaves taints of this prefix out when it asks whether a pod would fit on a node that is not there yet
(kubernetes/autoscaler, cluster-autoscaler/utils/taints, StartupTaintPrefix)."""


class TaintError(ValueError):
    """A text is not a taint; the message says how one is written."""


@dataclass(frozen=True, order=True)
class Taint:
    """Keeps pods away that do not tolerate it."""

    key: str
    effect: str
    value: str = ""

    def text(self) -> str:
        """`key=value:Effect`, as kubectl, AKS and rosa take it."""
        return f"{self.key}={self.value}:{self.effect}" if self.value else f"{self.key}:{self.effect}"

    def mapping(self) -> dict[str, str]:
        """As Kubernetes' own kinds hold it."""
        return {"key": self.key, **({"value": self.value} if self.value else {}), "effect": self.effect}

    def toleration(self) -> dict[str, str]:
        """What lets a pod onto the node in spite of it."""
        if not self.value:
            return {"key": self.key, "operator": "Exists", "effect": self.effect}
        return {"key": self.key, "operator": "Equal", "value": self.value, "effect": self.effect}

    @property
    def daemons_only(self) -> bool:
        """Whether no ordinary pod tolerates it, and the autoscaler does not know that it goes away."""
        return self.key in DAEMON_KEYS and self.effect != "PreferNoSchedule"


GPU = Taint(key="nvidia.com/gpu", value="present", effect="NoSchedule")
"""On every GPU node, so that pods without a GPU stay off it. The key is the one that NVIDIA's GPU operator tolerates by
default, and that Kubernetes' ExtendedResourceToleration admission adds to pods which ask for a GPU."""


def parse(text: str) -> Taint:
    """The taint in `key=value:Effect` or `key:Effect`.

    Raises:
        TaintError: it is written in another way, or breaks Kubernetes' rules for keys and values of labels.
    """
    found = _TAINT.fullmatch(text)
    if found is None:
        raise TaintError(f"{text!r} is not a taint; write it as 'key=value:NoSchedule'")
    key, value, effect = found["key"], found["value"] or "", found["effect"]
    if effect not in EFFECTS:
        near = next((one for one in EFFECTS if one.lower() == effect.lower()), "NoSchedule")
        raise TaintError(f"{text!r}: effect {effect!r} is not one of {', '.join(EFFECTS)}; did you mean {near!r}?")
    if not is_qualified(key):
        raise TaintError(f"{text!r}: key {key!r} must be a label key, such as 'example.com/dedicated'")
    if value and not is_label_value(value):
        raise TaintError(f"{text!r}: value {value!r} must be a label value: letters, digits, '-', '_', '.', at most 63")
    return Taint(key=key, value=value, effect=effect)


def is_qualified(key: str) -> bool:
    """Whether `key` may be the key of a label or taint (Kubernetes, apimachinery `IsQualifiedName`)."""
    prefix, slash, name = key.rpartition("/")
    if slash and (len(prefix) > 253 or not _PREFIX.fullmatch(prefix)):
        return False
    return len(name) <= 63 and _NAME.fullmatch(name) is not None


def is_label_value(value: str) -> bool:
    """Whether `value` may be a label's value (apimachinery `IsValidLabelValue`)."""
    return not value or (len(value) <= 63 and _NAME.fullmatch(value) is not None)
