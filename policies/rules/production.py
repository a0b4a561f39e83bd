"""Cloud resources of production environments, for which some rules are stricter."""

from fnmatch import fnmatchcase

from .resource import Resource
from .settings import Settings

ENVIRONMENT_TAG = "env"
"""Tag, and on nodes label, with the name of the environment."""


def in_production(resource: Resource, settings: Settings) -> bool:
    """Say if the configuration is production, or the tag `env` matches `productionEnvironments`.

    Raises:
        UndecidedError: its tags are not known yet.
    """
    if settings.production:
        return True
    name = (resource.tags if resource.in_cloud else resource.labels).at(ENVIRONMENT_TAG).text()
    return any(fnmatchcase(name, pattern) for pattern in settings.production_environments)
