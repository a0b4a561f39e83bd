"""The error that every refusal of the local cluster raises."""


class ClusterError(Exception):
    """Something a person can mend; the message says what is wrong and what to do."""
