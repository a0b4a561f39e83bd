"""The simulated AWS: `aws`."""

import os
from collections.abc import Mapping
from typing import Any

from simulator.clouds.aws import functions, identities, networks, services
from simulator.clouds.aws.arn import unlisted
from simulator.clouds.cloud import Cloud, Wording
from simulator.clouds.resource_type import AccountScope

# Account in AWS's own documentation.
_ACCOUNT = "123456789012"

TYPES = {kind.token: kind for kind in (*networks.TYPES, *identities.TYPES, *services.TYPES)}


def read_scope(configuration: Mapping[str, Any]) -> AccountScope:
    """Find the region as the official provider does; the account is invented."""
    variables = (os.environ.get("AWS_REGION"), os.environ.get("AWS_DEFAULT_REGION"), "us-east-1")
    regions = (configuration.get("region"), *variables)
    return AccountScope(account=_ACCOUNT, region=next(str(region) for region in regions if region))


AWS = Cloud(
    package="aws",
    python_package="pulumi_aws",
    types=TYPES,
    functions=functions.FUNCTIONS,
    unlisted=unlisted,
    unlisted_function=lambda _token: None,
    scope=read_scope,
    wordings={
        "quota": Wording("LimitExceeded", "{name}: you have requested more than your current limit for {type} allows"),
        "capacity": Wording(
            "InsufficientInstanceCapacity", "{name}: there is no capacity in the zone that you asked for"
        ),
        "throttled": Wording("RequestLimitExceeded", "request limit exceeded (429) too often"),
        "timeout": Wording("ResourceNotReady", "{name}: timeout while waiting for it to become available", exists=True),
        "half-created": Wording(
            "InternalError", "{name}: an internal error has occurred while it was made", exists=True
        ),
        "exists": Wording("EntityAlreadyExists", "{type} {name} already exists"),
        "denied": Wording("AccessDenied", "you are not authorized to perform this operation on {name} ({type})"),
        "held": Wording("DependencyViolation", ""),
        "missing": Wording("InvalidParameterValue", ""),
        "busy": Wording("IncorrectState", ""),
    },
    closed_enums=(),
    is_lenient=True,
    creates_missing=False,
    stable_outputs=None,
    replaces_in_place=False,
    # terraform-provider-aws repeats 25 times by default; a test need not wait for that.
    retries=5,
)
