"""The role that Red Hat's engineers come from: an AWS account's support role trusts it, and only OCM knows its name."""

from typing import Any

import pulumi
from modelyard.components.rosa.ocm import answers, paths
from modelyard.components.rosa.ocm.cluster_ready import Nothing
from modelyard.components.rosa.ocm.errors import InvalidAnswerError
from modelyard.components.rosa.ocm.provider import OcmProvider
from pulumi.dynamic import CreateResult, ReadResult

POLICY = "sts_support_rh_sre_role"
"""Id of the entry among OCM's STS policies whose details are the role's ARN (terraform-provider-rhcs, hcp_policies)."""


class SupportPrincipalProvider(OcmProvider):
    """Looks it up."""

    table = ()
    body = Nothing
    beside = frozenset()
    computed = frozenset({"arn"})

    def create(self, props: dict[str, Any]) -> CreateResult:  # noqa: ARG002 - Pulumi's signature
        """Looks it up.

        Raises:
            InvalidAnswerError: OCM does not tell it.
        """
        arn = self._look()
        return CreateResult(arn, {"arn": arn})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:  # noqa: ARG002 - Pulumi's signature
        """What OCM says now."""
        return ReadResult(id_, {"arn": self._look()})

    def _look(self) -> str:
        for one in self.connection.ocm.pages(paths.STS_POLICIES, answers.StsPolicy):
            arn = one.arn or one.details
            if one.id == POLICY and arn.startswith("arn:"):
                return arn
        raise InvalidAnswerError(f"{paths.STS_POLICIES} has no entry {POLICY} with the ARN of a role")


class SupportPrincipal(pulumi.dynamic.Resource, module="rosa", name="SupportPrincipal"):
    """Whom the support role trusts."""

    arn: pulumi.Output[str]
    """ARN of Red Hat's role."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(SupportPrincipalProvider(), name, {"arn": None}, opts)
