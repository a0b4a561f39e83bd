"""The policy pack's configuration for one environment: node capacity, folders for volumes, registries of images."""

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
        registries=(*Settings().registries, *list_chosen_images(environment)),
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


def list_chosen_images(environment: Environment) -> list[str]:
    """List the images that the environment file names, without tags: its owner vouches for them.

    A name in `.example`, which nobody can own (RFC 2606), is a placeholder and left out.
    """
    references = [image for image in (environment.images.train, environment.images.serve) if image]
    images = [parse_image(reference) for reference in references]
    return sorted({image.name for image in images if not image.registry.endswith(".example")})
