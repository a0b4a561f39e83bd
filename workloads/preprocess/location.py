"""Locations of data, models and results: the URI forms that every workload understands.

| form                     | is                                                            |
|--------------------------|---------------------------------------------------------------|
| ``/folder/file``         | a path on this machine (``file:///folder/file`` too)          |
| ``pvc://claim/path``     | a volume claim, which pods see mounted at ``/mnt/claim``      |
| ``s3://bucket/key``      | an object or prefix, read through fsspec                      |
| ``hf://owner/name[@rev]``| a model or data set of the Hugging Face hub                   |

This module is pure: it reads and names; it opens nothing.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

MOUNT_ROOT = "/mnt"
"""Folder in which pods see volume claims. The variable MODELYARD_MOUNT_ROOT replaces it outside a cluster."""

FORMS = "an absolute path, pvc://<claim>/<path>, s3://<bucket>/<key> or hf://<owner>/<name>"

_CLAIM = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_HUB = re.compile(r"(?P<id>[\w.-]+/[\w.-]+)(@(?P<revision>[\w./-]+))?")


class BadLocationError(ValueError):
    """URI that no workload understands; the message says what is allowed."""


@dataclass(frozen=True)
class Location:
    """Parsed URI: exactly one of `path`, `hub_id` and `remote` is set."""

    uri: str
    path: Path | None = None
    """Path on this machine or in the pod."""
    hub_id: str | None = None
    """``owner/name`` on the Hugging Face hub."""
    revision: str | None = None
    """Branch, tag or commit of `hub_id`."""
    remote: str | None = None
    """URI that fsspec opens."""
    claim: str | None = None
    """Volume claim that `path` lies in."""


def parse(uri: str) -> Location:
    """Parse `uri` without opening it.

    Raises:
        BadLocationError: it has none of the known forms.
    """
    scheme, separator, rest = uri.partition("://")
    if not separator:
        if not uri.startswith("/"):
            raise BadLocationError(f"{uri!r} is not a location; allowed is {FORMS}")
        return Location(uri, path=Path(uri))
    if scheme == "file" and rest.startswith("/"):
        return Location(uri, path=Path(rest))
    if scheme == "pvc":
        return _locate_in_claim(uri, rest)
    if scheme == "s3" and rest.strip("/"):
        return Location(uri, remote=uri)
    if scheme == "hf" and (match := _HUB.fullmatch(rest)):
        return Location(uri, hub_id=match["id"], revision=match["revision"])
    raise BadLocationError(f"{uri!r} is not a location; allowed is {FORMS}")


def _locate_in_claim(uri: str, rest: str) -> Location:
    claim, _, inside = rest.partition("/")
    if not _CLAIM.fullmatch(claim):
        raise BadLocationError(f"{uri!r} names no volume claim; the form is pvc://<claim>/<path>")
    if ".." in Path(inside).parts:
        raise BadLocationError(f"{uri!r} leaves its volume claim by '..'")
    root = Path(os.environ.get("MODELYARD_MOUNT_ROOT", MOUNT_ROOT)) / claim
    return Location(uri, path=root / inside, claim=claim)
