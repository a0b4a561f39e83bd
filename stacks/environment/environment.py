"""The environment file: everything that makes one platform, as one typed object.

It is the value of the configuration key `modelyard:environment` in `Pulumi.<name>.yaml`, so that Pulumi's own commands
read and change it: `pulumi config set --path 'modelyard:environment.teams[0].quota.gpus' 2`. The types here say what a
file may hold; `stacks.validation` checks that it fits together. Both refuse before any resource is registered.
"""

from collections.abc import Iterator
from typing import Annotated

from modelyard.stacks.environment.amounts import whole
from modelyard.stacks.environment.cluster import Cluster, Kind
from modelyard.stacks.environment.names import Image, Name
from modelyard.stacks.environment.node_pool import NodePool
from modelyard.stacks.environment.operators import Operators
from modelyard.stacks.environment.section import Path, Section
from modelyard.stacks.environment.storage import Storage
from modelyard.stacks.environment.team import FineTune, Serve, Team
from pydantic import BeforeValidator, Field

KEY = "modelyard:environment"


class Images(Section):
    """The workload images. One may be missing where no workspace needs it."""

    train: Image | None = None
    """Image of fine-tunes."""
    serve: Image | None = None
    """Image of servers."""


class Priority(Section):
    """A level of urgency."""

    name: Name
    """Name that workspaces refer to."""
    value: Annotated[int, BeforeValidator(whole), Field(ge=-(2**31), le=10**9)]
    """The higher is admitted first, and preempts the lower within a team."""
    description: str = ""
    """Advice when to use it."""


PRIORITIES = (
    Priority(name="low", value=100, description="May wait: sweeps and trials"),
    Priority(name="normal", value=1000, description="Ordinary training"),
    Priority(name="high", value=10000, description="Someone is waiting: servers, urgent runs"),
)


class Environment(Section):
    """One platform."""

    name: Name
    """Name of the stack. Names in the cloud and in the state follow it: another name is another platform, and deletes
    the old one."""
    kind: Kind
    """Kind of cluster that the platform runs in."""
    cluster: Cluster
    """The cluster, existing or created."""
    node_pools: tuple[NodePool, ...] = ()
    """GPU nodes that are created. For kinds `openshift`, `aks` and `rosa`."""
    images: Images = Images()
    """Images of the workloads."""
    operators: Operators
    """Installation of the operators."""
    storage: Storage = Storage()
    """Volumes, and buckets for models."""
    priorities: tuple[Priority, ...] = PRIORITIES
    """Levels of urgency. Default: `low`, `normal` and `high`."""
    teams: tuple[Team, ...] = ()
    """Teams and their workspaces."""

    def workspaces(self) -> Iterator[tuple[Path, Team, FineTune | Serve]]:
        """Yield every workspace, with its path in the file and its team."""
        for i, team in enumerate(self.teams):
            for j, workspace in enumerate(team.workspaces):
                yield ("teams", i, "workspaces", j), team, workspace

    def pool_of(self, team: Team) -> NodePool | None:
        """Return the pool that a team's quota is counted on; None where there are no pools, or none of that name."""
        if team.quota.pool is None:
            return next(iter(self.node_pools), None)
        return next((pool for pool in self.node_pools if pool.name == team.quota.pool), None)
