"""Every rule, in the order of the documentation. A new rule is one decorated function in a module of this list."""

from . import (
    capacity,
    clusters,
    credentials,
    exposure,
    gpu_pods,
    helm,
    images,
    jobs,
    pools,
    resources,
    rights,
    security,
    storage,
    tenants,
)
from .rule import Rule, StackRule

_MODULES = (
    *(resources, gpu_pods, images, security, credentials, exposure, jobs, capacity, tenants, helm),
    *(pools, clusters, storage, rights),
)

RULES: dict[str, Rule | StackRule] = {
    rule.name: rule for module in _MODULES for rule in vars(module).values() if isinstance(rule, Rule | StackRule)
}
"""Every rule by name, in the order of modules and, inside a module, of definition."""

RESOURCE_RULES: tuple[Rule, ...] = tuple(rule for rule in RULES.values() if isinstance(rule, Rule))
"""Rules about one resource."""

STACK_RULES: tuple[StackRule, ...] = tuple(rule for rule in RULES.values() if isinstance(rule, StackRule))
"""Rules about all resources of a stack."""
