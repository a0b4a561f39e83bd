"""Every way in which bringing an environment up can be refused or fail for a reason a person can act on."""

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

#: Their texts are sentences for the reader; anything else is a defect of ours and keeps its traceback.
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

#: Below this much free disk a failure is more likely due to it than to what failed. Bytes.
_SHORT = 512 * 2**20


def short_of_disk() -> str:
    """A sentence when a disk that we write to is nearly full: programs that run out of it seldom say so themselves."""
    for folder, setting in ((state(), "MODELYARD_STATE"), (cache(), "MODELYARD_CACHE")):
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        free = shutil.disk_usage(existing).free
        if free < _SHORT:
            return f"the disk of {folder} has {free / 2**20:.0f} MiB left: free some space, or set {setting}"
    return ""
