"""Names, locations and images, as an environment file writes them."""

import re
from collections.abc import Callable
from typing import Annotated

from modelyard.components.kubernetes.manifests.namespace import RESERVED_RULE, is_reserved
from modelyard.workloads.preprocess.location import BadLocationError, parse
from modelyard.workloads.presets import preset as presets
from pydantic import AfterValidator, Field

_DNS_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_LABEL_VALUE = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
#: Host with an optional port, path of lower-case parts (OCI distribution 1.1, "pulling manifests"), tag, digest.
_IMAGE = re.compile(
    r"(?:[A-Za-z0-9][-A-Za-z0-9.]*(?::[0-9]+)?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)


_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def is_name(text: str) -> bool:
    """Tell whether `text` may be a name, apart from its length."""
    return _DNS_LABEL.fullmatch(text) is not None


def _name(text: str) -> str:
    if not is_name(text):
        raise ValueError("must start with a lower-case letter and hold only lower-case letters, digits and '-'")
    return text


def _team_name(text: str) -> str:
    if is_reserved(text):
        raise ValueError(RESERVED_RULE)
    return text


def _text(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text


def _object_name(text: str) -> str:
    if not _SUBDOMAIN.fullmatch(text):
        raise ValueError("must be the name of a Kubernetes object: lower-case letters, digits, '-' and '.'")
    return text


def _label(text: str) -> str:
    if not _LABEL_VALUE.fullmatch(text) or len(text) > 63:
        raise ValueError("becomes a label: at most 63 letters, digits, '-', '_' and '.', a letter or digit at each end")
    return text


def _refused_by(check: Callable[[str], object], *errors: type[Exception]) -> AfterValidator:
    """Return a validator that keeps a text which `check` takes, and refuses it with the error's own words."""

    def validate(text: str) -> str:
        try:
            check(text)
        except errors as error:
            raise ValueError(str(error)) from error
        return text

    return AfterValidator(validate)


def _image(reference: str) -> str:
    match = _IMAGE.fullmatch(reference)
    if match is None:
        raise ValueError(
            "is not an image reference; write registry/name:tag or registry/name@sha256:…, without variables"
        )
    if match["digest"] is None and match["tag"] in (None, "latest"):
        raise ValueError("must be pinned by a digest (name@sha256:…) or by a tag other than latest")
    return reference


Name = Annotated[str, Field(max_length=38), AfterValidator(_name)]
"""Part of Kubernetes names. The limit is what KubeRay leaves of a RayJob's name after a run's hash."""
TeamName = Annotated[Name, AfterValidator(_team_name)]
"""Name of a team, and of its namespace."""
Text = Annotated[str, AfterValidator(_text)]
ObjectName = Annotated[str, Field(max_length=253), AfterValidator(_object_name)]
"""Name of an object of the cluster (Kubernetes, DNS subdomain names)."""
Label = Annotated[str, AfterValidator(_label)]
PresetName = Annotated[str, _refused_by(presets.load, presets.UnknownPresetError)]
Uri = Annotated[str, _refused_by(parse, BadLocationError)]
Image = Annotated[str, AfterValidator(_image)]
