"""Every way in which bringing an environment up can be refused or fail for a reason a person can act on."""

from modelyard.stacks.complaints import EnvironmentFileError

from tools.cluster.errors import ClusterError
from tools.images import ImageError
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
