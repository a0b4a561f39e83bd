"""A real Kubernetes on this machine, in namespaces of its own.

    from tools.cluster import Instance

    Instance.from_name("local").up(gpus=1)

`python -m tools.cluster --help` does the same from a shell.
"""

from tools.cluster.api import Api
from tools.cluster.bring_up import Outcome
from tools.cluster.errors import ClusterError
from tools.cluster.instance import ComponentState, Instance
from tools.cluster.stages import Event, Report

__all__ = ["Api", "ClusterError", "ComponentState", "Event", "Instance", "Outcome", "Report"]
