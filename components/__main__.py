"""Hosts the components for programs in any language: `pulumi package add <path or address of this folder>`."""

from modelyard.components.package import COMPONENTS, NAME, VERSION
from pulumi.provider.experimental import component_provider_host

if __name__ == "__main__":
    component_provider_host(list(COMPONENTS), NAME, version=VERSION)
