"""Error of the local cluster."""


class ClusterError(Exception):
    """Failure that a person can mend; the message has the fault and the fix."""
