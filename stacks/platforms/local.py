"""Environments of kind `local`: a cluster on one machine, whose folders hold the volumes."""

from typing import Any

from modelyard.stacks.platforms.existing import ExistingPlatform
from modelyard.stacks.platforms.platform import Platform


class LocalPlatform(ExistingPlatform):
    """An existing cluster with one node, which is this machine."""

    volume_source = "host_folder"


PLATFORM: Platform[None, Any] = LocalPlatform()
