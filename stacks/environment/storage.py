"""The section `storage`: volumes of teams, and buckets for models and checkpoints."""

from typing import Annotated

from modelyard.stacks.environment.amounts import whole
from modelyard.stacks.environment.names import ObjectName, Text
from modelyard.stacks.environment.section import Section
from pydantic import BeforeValidator, Field


class Buckets(Section):
    """Buckets for models and checkpoints, created beside the cluster, and for each workspace an identity for its
    part."""

    name: str | None = None
    """AKS: name of the storage account, unlike any other in Azure. ROSA: prefix of the buckets' names. None: made from
    the environment's name."""
    keep: bool = True
    """Protected, and kept in the cloud when the stack is destroyed."""
    deleted_days: Annotated[int, BeforeValidator(whole), Field(ge=1, le=365)] = 14
    """Days in which a deleted or overwritten object can be restored."""


class Storage(Section):
    """Source of volumes, and buckets for models."""

    storage_class: ObjectName | None = None
    """Class of volumes with a size. For every kind but `local`."""
    host_folder: Text | None = None
    """Folder on the only node; each volume is a folder in it. For kind `local`."""
    shared: bool = True
    """Volumes can be written from several nodes at once."""
    buckets: Buckets | None = None
    """For kinds `aks` and `rosa`. None: no buckets."""
