"""Checks of the section `storage`: the source of volumes, and buckets that the kind of cluster can have."""

from collections.abc import Iterator

from modelyard.components.common.errors import ArgumentError
from modelyard.stacks.environment.environment import Environment
from modelyard.stacks.environment.unsound import require_sound
from modelyard.stacks.platforms.registry import kinds_with, platform_of
from modelyard.stacks.validation.messages import Fault, argument_fault


def volumes(environment: Environment) -> Iterator[Fault]:
    """Find volumes without a source, and sources that the kind of cluster does not have."""
    storage, source = environment.storage, platform_of(environment.kind).volume_source
    for key in {"storage_class", "host_folder"} - {source}:
        if getattr(storage, key) is not None:
            text = f"is for kind {kinds_with('volume_source', key)}; give {source} instead"
            yield Fault(("storage", key), getattr(storage, key), text)
    if storage.host_folder and not storage.host_folder.startswith("/"):
        yield Fault(("storage", "host_folder"), storage.host_folder, "must be an absolute path")
    created = [volume for team in environment.teams for volume in team.volumes if volume.size is not None]
    if created and not (storage.storage_class or storage.host_folder):
        yield Fault(("storage", source), None, "is missing, and volumes with a size are to be created")


def buckets(environment: Environment) -> Iterator[Fault]:
    """Find buckets that the kind of cluster cannot have, and those that the cloud refuses."""
    settings, path, platform = environment.storage.buckets, ("storage", "buckets"), platform_of(environment.kind)
    if settings is None:
        return
    sections = [getattr(environment.cluster, key) for key in platform.cluster_keys]
    if not platform.creates_buckets:
        text = f"kind {environment.kind.value!r} creates no buckets; {kinds_with('creates_buckets')} do: give s3:// or pvc://"
        yield Fault(path, None, text)
    elif None in sections:
        return  # the missing section is a fault of its own
    elif platform.is_production(environment) and not settings.keep:
        text = "models of a production environment are kept; leave it out, or set production: false"
        yield Fault((*path, "keep"), settings.keep, text)
    else:
        require_sound(environment.name, *(value for section in sections for _, value in section))
        try:
            platform.validate_storage(environment, settings)
        except ArgumentError as error:
            yield argument_fault(error, (*path, error.argument))
