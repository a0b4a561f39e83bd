"""Origin of container images, and tags that move."""

from collections.abc import Iterator

from .field import Field
from .helm import RELEASE
from .image import Image, parse_image
from .pod import POD_KINDS, containers_of, pods
from .resource import Resource
from .rule import Finding, Severity, rule
from .settings import Settings

# Tags that projects move from build to build by convention: names of branches, and words for "the newest". Kubernetes
# projects tag the builds of a branch release-<version>. A version tag that was moved cannot be told from outside.
_MOVING_TAGS = frozenset({"latest", "main", "master", "nightly", "edge", "dev", "devel", "develop", "stable", "head"})


def images(resource: Resource) -> Iterator[Field]:
    """Yield every field that names an image: in containers, image volumes, and the values of a Helm release."""
    for pod in pods(resource):
        for container in containers_of(pod):
            yield container.field.at("image")
        for volume in pod.at("volumes").items():
            if volume.at("image").value is not None:
                yield volume.at("image", "reference")
    if resource.kind == RELEASE:
        yield from _values_images(resource.body.at("values"))


@rule(
    name="pinned-images",
    kinds=POD_KINDS | {RELEASE},
    subjects=images,
    severity=Severity.HIGH,
    requirement=(
        "Every image has a digest or a tag that does not move (not latest, main, nightly …); in production a digest."
    ),
    reason="A moving tag gives the second worker of a job other code than the first, and no run can be repeated.",
    source="gatekeeper-library disallowedtags and imagedigests, AKS deployment safeguards",
    fix="Write a version tag, or better the digest that `crane digest` or `skopeo inspect` prints.",
)
def pinned_images(field: Field, _resource: Resource, settings: Settings) -> Iterator[Finding]:
    """At most one finding per image."""
    allowed = "an image with a digest" if settings.production else "an image with a version tag or a digest"
    if field.read() is None:
        yield Finding(field.path, "the container names no image", allowed)
        return
    try:
        image = parse_image(field.text())
    except ValueError as error:
        yield Finding(field.path, str(error), allowed)
        return
    shown = f"`{field.text()}`"
    if image.digest:
        return
    if settings.production:
        yield Finding(field.path, f"{shown} has no digest, and this is production", allowed)
    elif image.tag is None:
        yield Finding(field.path, f"{shown} has no tag, which means latest", allowed)
    elif image.tag.lower() in _MOVING_TAGS or image.tag.startswith("release-"):
        yield Finding(field.path, f"{shown} has the moving tag `{image.tag}`", allowed)


@rule(
    name="allowed-registries",
    kinds=POD_KINDS | {RELEASE},
    subjects=images,
    severity=Severity.HIGH,
    requirement="Every image comes from a registry, or a path in one, of the configured list.",
    reason="Anyone can publish an image under a familiar name; a list keeps typing errors and strangers' code out.",
    source="gatekeeper-library allowedrepos, kyverno restrict-image-registries",
    fix="Mirror the image to a listed registry, or add its registry to `registries` in the configuration.",
)
def allowed_registries(field: Field, _resource: Resource, settings: Settings) -> Iterator[Finding]:
    """At most one finding per image; pinned-images reports names that are no reference."""
    if not settings.registries or field.read() is None:
        return
    image = _image(field)
    if image is not None and not any(image.is_below(prefix) for prefix in settings.registries):
        yield Finding(field.path, f"`{field.text()}` comes from `{image.name}`", ", ".join(settings.registries))


def _image(field: Field) -> Image | None:
    try:
        return parse_image(field.text())
    except ValueError:
        return None


def _values_images(values: Field) -> Iterator[Field]:
    """Images in chart values: text under `image`, or an object with repository and tag, as most charts write them.

    An object without a tag is left out, because the chart then uses the one of its own version.
    """
    if isinstance(values.value, list):
        for member in values.items():
            yield from _values_images(member)
    if not isinstance(values.value, dict):
        return
    repository, tag = values.at("repository").value, values.at("tag").value
    if isinstance(repository, str) and isinstance(tag, str | int | float) and str(tag):
        registry = values.at("registry").value
        digest = values.at("digest").value
        name = f"{registry}/{repository}" if isinstance(registry, str) and registry else repository
        pin = f"@{digest}" if isinstance(digest, str) and digest else ""
        yield Field(values.path, f"{name}:{tag}{pin}")
    for key in values.value:
        member = values.at(key)
        if key == "image" and isinstance(member.value, str):
            if member.value:
                yield member
        else:
            yield from _values_images(member)
