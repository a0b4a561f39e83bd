"""What the platform's service account may do in a cluster: what this library registers there, and nothing else.

Installing operators means writing RBAC rules, which Kubernetes allows only to who may `escalate` and `bind`. That comes
close to being an administrator; what is left out is what it never needs: `exec` and `attach` into pods, impersonation,
nodes beyond reading, machine configuration, users and identity providers, and OpenShift's own configuration.
"""

from typing import Any

_ALL = ["get", "list", "watch", "create", "update", "patch", "delete"]
_READ = ["get", "list", "watch"]


def _rule(groups: list[str], resources: list[str], verbs: list[str]) -> dict[str, Any]:
    return {"apiGroups": groups, "resources": resources, "verbs": verbs}


RULES: tuple[dict[str, Any], ...] = (
    _rule(
        [""],
        [
            "namespaces",
            "configmaps",
            "secrets",
            "services",
            "serviceaccounts",
            "persistentvolumes",
            "persistentvolumeclaims",
            "resourcequotas",
            "limitranges",
            "pods",
        ],
        _ALL,
    ),
    _rule([""], ["nodes", "events", "pods/log", "endpoints"], _READ),
    _rule(["apps"], ["deployments", "daemonsets", "statefulsets"], _ALL),
    _rule(["apps"], ["replicasets", "controllerrevisions"], _READ),
    _rule(["batch"], ["jobs", "cronjobs"], _ALL),
    _rule(["policy"], ["poddisruptionbudgets"], _ALL),
    _rule(["networking.k8s.io"], ["networkpolicies", "ingresses"], _ALL),
    _rule(["route.openshift.io"], ["routes", "routes/custom-host"], _ALL),
    _rule(["scheduling.k8s.io"], ["priorityclasses"], _ALL),
    _rule(["storage.k8s.io"], ["storageclasses"], _ALL),
    _rule(["apiextensions.k8s.io"], ["customresourcedefinitions"], _ALL),
    _rule(["apiregistration.k8s.io"], ["apiservices"], _ALL),
    _rule(
        ["admissionregistration.k8s.io"],
        ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
        _ALL,
    ),
    _rule(
        ["rbac.authorization.k8s.io"],
        ["clusterroles", "roles", "clusterrolebindings", "rolebindings"],
        [*_ALL, "escalate", "bind"],
    ),
    _rule(["security.openshift.io"], ["securitycontextconstraints"], [*_ALL, "use"]),
    _rule(
        ["operators.coreos.com"], ["subscriptions", "operatorgroups", "installplans", "clusterserviceversions"], _ALL
    ),
    _rule(["nvidia.com"], ["clusterpolicies", "nvidiadrivers"], _ALL),
    _rule(["nfd.openshift.io"], ["nodefeaturediscoveries"], _ALL),
    _rule(["kueue.x-k8s.io", "ray.io", "serving.kserve.io", "kaito.sh"], ["*"], _ALL),
    _rule(["coordination.k8s.io"], ["leases"], _ALL),
)
"""As a ClusterRole has them."""
