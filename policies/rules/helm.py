"""Helm releases, as far as the engine sees a chart before Helm renders it.

The objects of a release never reach the engine, so only its own properties can be checked here: chart, version and
values. `pinned-images`, `allowed-registries` and `no-plain-credentials` look into the values as well.
"""

import re
from collections.abc import Iterator

from .field import Field
from .resource import Kind, Resource
from .rule import Finding, Severity, rule
from .settings import Settings

RELEASE: Kind = ("helm.sh", "Release")

# An exact version in Helm's sense (semver 2, optional v); anything else Helm reads as a range to choose from.
_EXACT_VERSION = re.compile(r"v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")


@rule(
    name="helm-release-pinned",
    kinds={RELEASE},
    severity=Severity.MEDIUM,
    requirement="A Helm release from a repository names one exact chart version, and its namespace.",
    reason=(
        "Without a version each deployment takes what the repository offers that day, with other permissions and CRDs."
    ),
    source="Helm 3 version constraints",
    fix="Set version to the exact chart version, such as 0.19.2, and namespace to the operator's namespace.",
)
def helm_release_pinned(release: Field, _resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """One finding for the version, one for the namespace."""
    chart, version = release.at("chart").text(), release.at("version").read()
    is_file = chart.startswith(("/", "./", "../")) or chart.endswith((".tgz", ".tar.gz"))  # Helm reads it from disk
    if not is_file and not (isinstance(version, str) and _EXACT_VERSION.fullmatch(version)):
        shown = f"the version `{version}`, which is no exact version" if version else "no version"
        yield Finding("version", f"chart `{chart}` has {shown}", "one exact version, such as 0.19.2")
    if not release.at("namespace").read():
        yield Finding("namespace", f"chart `{chart}` names no namespace", "the namespace that the operator belongs in")
