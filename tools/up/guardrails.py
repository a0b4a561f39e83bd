"""The policy pack's configuration for one environment: what its nodes hold, where volumes may lie, whose images run."""

import json
from pathlib import Path

from modelyard.policies.rules import Settings, pack_config
from modelyard.policies.rules.image import parse_image
from modelyard.stacks.environment.environment import Environment

from tools.cluster.state import write_private


def write_policy_configuration(environment: Environment, file: Path) -> None:
    """Write the settings that `environment` implies, for `pulumi … --policy-pack-config`."""
    capacity = environment.cluster.capacity
    folder = environment.storage.host_folder
    settings = Settings(
        registries=(*Settings().registries, *own_images(environment)),
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


def own_images(environment: Environment) -> list[str]:
    """Names of the images that the environment file itself chose, without tags: its owner vouches for these.

    A name in `.example`, which nobody can own (RFC 2606), is a place to fill in and no choice.
    """
    named = [image for image in (environment.images.train, environment.images.serve) if image]
    images = [parse_image(image) for image in named]
    return sorted({one.name for one in images if not one.registry.endswith(".example")})
