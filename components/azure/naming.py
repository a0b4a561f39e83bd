"""Names that Azure accepts, and generated names for resources that share one name space with all of Azure.

Every rule is from Microsoft's "Naming rules and restrictions for Azure resources" (azure-resource-manager), except that
of node pools, which is from the AKS documentation ("Create node pools").
"""

import hashlib
import re
from dataclasses import dataclass

from modelyard.components.common.errors import ArgumentError

RULES = "Azure, naming rules and restrictions for Azure resources"


@dataclass(frozen=True)
class NameRule:
    """Form of the names of one type of resource."""

    resource: str
    """Type of the resource in words, for messages."""
    pattern: re.Pattern[str]
    text: str
    """The pattern in words."""
    source: str = RULES

    def validate(self, component: str, argument: str, name: str) -> str:
        """Return `name` if Azure accepts it.

        Raises:
            ArgumentError: it does not match; the rule is quoted.
        """
        if not self.pattern.fullmatch(name):
            raise ArgumentError(component, argument, name, f"must be a {self.resource} name: {self.text}", self.source)
        return name


CLUSTER = NameRule(
    "cluster",
    # 54, not the service's 63: the name is also the DNS prefix, which is shorter and has no underscore.
    re.compile(r"[A-Za-z0-9]([-A-Za-z0-9]{0,52}[A-Za-z0-9])?"),
    "1 to 54 letters, digits and '-', with a letter or digit at both ends, because it is the DNS prefix as well",
)
RESOURCE_GROUP = NameRule(
    "resource group",
    re.compile(r"[-\w().]{0,89}[-\w()]", re.ASCII),
    "1 to 90 letters, digits, '_', '-', '.', '(' and ')', without '.' at the end",
)
NODE_POOL = NameRule(
    "node pool",
    re.compile(r"[a-z][a-z0-9]{0,11}"),
    "1 to 12 lower-case letters and digits, with a letter at the start",
    "AKS, create node pools: naming",
)
REGISTRY = NameRule("container registry", re.compile(r"[A-Za-z0-9]{5,50}"), "5 to 50 letters and digits")
STORAGE_ACCOUNT = NameRule("storage account", re.compile(r"[a-z0-9]{3,24}"), "3 to 24 lower-case letters and digits")
CONTAINER = NameRule(
    "blob container",
    re.compile(r"(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*"),
    "3 to 63 lower-case letters, digits and single '-', with a letter or digit at both ends",
)
VAULT = NameRule(
    "key vault",
    re.compile(r"(?=.{3,24}$)[A-Za-z](-?[A-Za-z0-9])*"),
    "3 to 24 letters, digits and single '-', with a letter at the start and a letter or digit at the end",
)
IDENTITY = NameRule(
    "managed identity",
    re.compile(r"[A-Za-z0-9][-\w]{2,127}", re.ASCII),
    "3 to 128 letters, digits, '-' and '_', with a letter or digit at the start",
)


def unique_name(stem: str, longest: int, *salt: str, separator: str = "") -> str:
    """Return a name that is the same at every run and, as far as 40 bits can tell, unique in all of Azure.

    Registries, storage accounts and key vaults share one name space with all customers of Azure.

    Args:
        stem: start of the name; shortened where it must be.
        longest: allowed length.
        salt: values that distinguish this name from others with the same stem (resource group, purpose).
        separator: text before the distinguishing end. Empty: the name has lower-case letters and digits only.
    """
    end = hashlib.sha256("/".join((stem, *salt)).encode()).hexdigest()[:10]
    start = stem.lower() if separator else re.sub(r"[^a-z0-9]", "", stem.lower())
    start = start[: longest - len(end) - len(separator)].rstrip("-")
    return f"{start}{separator}{end}"


def node_resource_group(cluster: str) -> str:
    """Name the group that AKS fills with nodes, disks and load balancers; at most 80 characters (AKS, FAQ)."""
    return f"{cluster}-nodes"
