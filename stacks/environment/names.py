"""Names, places and images, as an environment file writes them."""

import re
from typing import Annotated

from modelyard.workloads.preprocess.location import BadLocationError, parse
from modelyard.workloads.presets import preset as presets
from pydantic import AfterValidator, Field

_DNS_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_LABEL_VALUE = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")


def _name(text: str) -> str:
    if not _DNS_LABEL.fullmatch(text):
        raise ValueError("must start with a lower-case letter and hold only lower-case letters, digits and '-'")
    return text


def _label(text: str) -> str:
    if not _LABEL_VALUE.fullmatch(text) or len(text) > 63:
        raise ValueError("becomes a label: at most 63 letters, digits, '-', '_' and '.', a letter or digit at each end")
    return text


def _preset(name: str) -> str:
    try:
        presets.load(name)
    except presets.UnknownPresetError as unknown:
        raise ValueError(str(unknown)) from unknown
    return name


def _uri(uri: str) -> str:
    try:
        parse(uri)
    except BadLocationError as wrong:
        raise ValueError(str(wrong)) from wrong
    return uri


def _image(reference: str) -> str:
    name, _, tag = reference.rpartition("/")[2].partition(":")
    if "@sha256:" not in reference and (not name or not tag or tag == "latest"):
        raise ValueError("must be pinned by a digest (name@sha256:…) or by a tag other than latest")
    return reference


Name = Annotated[str, Field(max_length=38), AfterValidator(_name)]
"""Becomes part of Kubernetes names. The limit is what KubeRay leaves of a RayJob's name after a run's hash."""
Label = Annotated[str, AfterValidator(_label)]
PresetName = Annotated[str, AfterValidator(_preset)]
Uri = Annotated[str, AfterValidator(_uri)]
Image = Annotated[str, AfterValidator(_image)]
