"""Errors of `make up` whose text a person can act on."""

import shutil

from modelyard.stacks.validation.messages import EnvironmentFileError

from tools.cluster.errors import ClusterError
from tools.images import ImageError
from tools.setup.locations import cache, state
from tools.up.ask import NoAnswerError
from tools.up.objects import ClusterUnreachableError
from tools.up.stack import PulumiFailedError
from tools.up.volumes import DataFailedError
from tools.up.watch import JobFailedError

#: Errors with a sentence for the reader; any other error is a defect of ours and keeps its traceback.
EXPECTED: tuple[type[Exception], ...] = (
    ClusterError,
    ClusterUnreachableError,
    DataFailedError,
    EnvironmentFileError,
    ImageError,
    JobFailedError,
    NoAnswerError,
    PulumiFailedError,
)

#: Free disk below which it is the likelier cause of a failure than the step that failed. Bytes.
_SHORT = 512 * 2**20


def describe_full_disk() -> str:
    """Describe a nearly full disk that the tools write to, or return an empty string.

    Programs that run out of disk seldom say so themselves.
    """
    for folder, setting in ((state(), "MODELYARD_STATE"), (cache(), "MODELYARD_CACHE")):
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        free = shutil.disk_usage(existing).free
        if free < _SHORT:
            return f"{folder}: the disk has {free / 2**20:.0f} MiB left; free some space, or set {setting}"
    return ""
