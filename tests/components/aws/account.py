"""AWS account in memory (moto): the recorder creates each resource with a call of AWS's API.

    with account() as aws:
        RosaCluster("gpu1", {...})
        aws.finish()
        assert aws.client("ec2").describe_subnets()["Subnets"]

A request that AWS would refuse, as far as moto knows its rules, makes `finish` raise `ClientError` of botocore.
"""

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pulumi
from modelyard.components.testing import Recorder
from moto import mock_aws

from tests.components.aws.creators import CREATORS
from tests.components.aws.engine import ACCOUNT, OCM, REGION


class AwsAccount(Recorder):
    """Recorder that creates resources of AWS by calls of its API."""

    def __init__(self) -> None:
        super().__init__()
        self._one_at_a_time = threading.Lock()

    def client(self, service: str, **more: Any) -> Any:
        """Return boto3's client of a service."""
        return boto3.client(service, region_name=REGION, **more)  # type: ignore[call-overload]

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        with self._one_at_a_time:
            resource_id, state = super().new_resource(args)
            _, _, kind = args.typ.rpartition(":")
            if args.typ.startswith("aws:"):
                resource_id, outputs = CREATORS[kind](self.client, self.registered[-1].inputs)
                return resource_id, {**state, **outputs}
            return resource_id, {**state, **OCM.get(kind, {})}


@contextlib.contextmanager
def account() -> Iterator[AwsAccount]:
    """Open an empty account for a program."""
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": REGION}
    keys |= {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true", "MOTO_ACCOUNT_ID": ACCOUNT}
    before = {key: os.environ.get(key) for key in keys}
    os.environ.update(keys)
    try:
        with mock_aws():
            aws = AwsAccount.installed()
            assert isinstance(aws, AwsAccount)
            yield aws
    finally:
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value
