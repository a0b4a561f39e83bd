"""The policy pack's configuration for one environment: what its nodes hold, and where volumes may lie."""

import json
from pathlib import Path

from modelyard.policies.rules import Settings, pack_config
from modelyard.stacks.environment import Environment

from tools.cluster.state import write_private


def write_policy_configuration(environment: Environment, file: Path) -> None:
    """Write the settings that `environment` implies, for `pulumi … --policy-pack-config`."""
    capacity = environment.cluster.capacity
    folder = environment.storage.host_folder
    settings = Settings(
        allowed_host_paths=(folder,) if folder else (),
        capacity={
            "cpu": capacity.cpus,
            "memory": f"{capacity.memory}Mi",
            "nvidia.com/gpu": capacity.gpus,
        }
        if capacity
        else {},
    )
    write_private(file, json.dumps(pack_config(settings), indent=2))
