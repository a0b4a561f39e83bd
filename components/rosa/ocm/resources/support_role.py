"""Role of Red Hat's engineers, which an AWS account's support role trusts; only OCM knows its ARN."""

from typing import Any

import pulumi
from modelyard.components.rosa.ocm.client import STS_POLICIES
from modelyard.components.rosa.ocm.errors import InvalidAnswerError
from modelyard.components.rosa.ocm.models import requests, responses
from modelyard.components.rosa.ocm.provider import OcmProvider
from pulumi.dynamic import CreateResult, ReadResult

POLICY = "sts_support_rh_sre_role"
"""Id of the entry among OCM's STS policies that holds the role's ARN (terraform-provider-rhcs, hcp_policies)."""


class SupportPrincipalProvider(OcmProvider):
    """Looks the role up."""

    table = ()
    body = requests.NoBody
    beside = frozenset()
    computed = frozenset({"arn"})

    def create(self, props: dict[str, Any]) -> CreateResult:  # noqa: ARG002 - Pulumi's signature
        """Look the role up.

        Raises:
            InvalidAnswerError: OCM does not give the ARN.
        """
        arn = self._find_arn()
        return CreateResult(arn, {"arn": arn})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:  # noqa: ARG002 - Pulumi's signature
        """Look the role up again."""
        return ReadResult(id_, {"arn": self._find_arn()})

    def _find_arn(self) -> str:
        for policy in self.connection.ocm.pages(STS_POLICIES, responses.StsPolicy):
            arn = policy.arn or policy.details
            if policy.id == POLICY and arn.startswith("arn:"):
                return arn
        raise InvalidAnswerError(f"{STS_POLICIES} has no entry {POLICY} with the ARN of a role")


class SupportPrincipal(pulumi.dynamic.Resource, module="rosa", name="SupportPrincipal"):
    """Principal that the support role trusts."""

    arn: pulumi.Output[str]
    """ARN of Red Hat's role."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(SupportPrincipalProvider(), name, {"arn": None}, opts)
