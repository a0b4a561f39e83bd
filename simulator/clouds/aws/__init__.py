"""The simulated AWS: `aws`."""

import os
from collections.abc import Mapping
from typing import Any

from simulator.clouds.aws import functions, identities, networks, services
from simulator.clouds.aws.arn import unlisted
from simulator.clouds.cloud import Cloud, Wording
from simulator.clouds.resource_type import Place

# The account of AWS's own documentation.
_ACCOUNT = "123456789012"

TYPES = {kind.token: kind for kind in (*networks.TYPES, *identities.TYPES, *services.TYPES)}


def place(configuration: Mapping[str, Any]) -> Place:
    """The region, as the official provider finds it; the account is made up."""
    variables = (os.environ.get("AWS_REGION"), os.environ.get("AWS_DEFAULT_REGION"), "us-east-1")
    found = (configuration.get("region"), *variables)
    return Place(account=_ACCOUNT, region=next(str(one) for one in found if one))


AWS = Cloud(
    package="aws",
    python_package="pulumi_aws",
    types=TYPES,
    functions=functions.FUNCTIONS,
    unlisted=unlisted,
    unlisted_function=lambda _token: None,
    place=place,
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
