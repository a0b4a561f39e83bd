"""The section `operators`: how each operator of the platform gets into the cluster."""

from typing import Literal

from modelyard.stacks.environment.amounts import Cores, Memory
from modelyard.stacks.environment.names import Image, Text
from modelyard.stacks.environment.section import Section


class OperatorSettings(Section):
    """Installation of one operator."""

    installer: Literal["bundle", "chart", "present"]
    """`present`: the cluster has it already."""
    source: Text | None = None
    """File of a bundle; folder, archive or OCI address of a chart."""
    version: Text | None = None
    """Version of a chart that is fetched."""
    image: Image | None = None
    """Image in place of upstream's."""
    cpus: Cores = 0.1
    """Cores that its pod requests."""
    memory: Memory = 512
    """Memory of its pod."""


class Operators(Section):
    """The operators of the platform."""

    kuberay: OperatorSettings
    """Runs Ray clusters, jobs and services."""
    kueue: OperatorSettings
    """Admits jobs within quotas."""
