"""Waits for a cluster, and tells what is known only then: where its API and its console are."""

from typing import Any

import pulumi
from modelyard.components.rosa.ocm import answers, paths
from modelyard.components.rosa.ocm.body import Body
from modelyard.components.rosa.ocm.changes import Change, Field
from modelyard.components.rosa.ocm.cluster_wait import wait_until_ready
from modelyard.components.rosa.ocm.errors import NotFoundError
from modelyard.components.rosa.ocm.provider import GONE, OcmProvider, plain
from pulumi.dynamic import CreateResult, ReadResult, UpdateResult


class Nothing(Body):
    """No request belongs to it."""


class HcpClusterReadyProvider(OcmProvider):
    """Waits; creates nothing, deletes nothing."""

    table = (
        Field("cluster_id", Change.REPLACE, "another cluster"),
        Field("version", Change.IN_PLACE, "looks again after an upgrade"),
    )
    body = Nothing
    beside = frozenset({"cluster_id", "version"})
    computed = frozenset({"api_url", "console_url", "base_domain", "running_version"})

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Returns when the cluster is ready."""
        seen = wait_until_ready(self.connection, props["cluster_id"])
        return CreateResult(props["cluster_id"], _outputs(props, seen))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """What OCM says now."""
        try:
            seen = self.connection.ocm.get(paths.cluster(id_), answers.Cluster)
        except NotFoundError:
            return GONE
        return ReadResult(id_, _outputs(props, seen))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Looks again."""
        return UpdateResult(_outputs(_news, wait_until_ready(self.connection, _id)))


class HcpClusterReady(pulumi.dynamic.Resource, module="rosa", name="HcpClusterReady"):
    """A cluster that answers."""

    api_url: pulumi.Output[str]
    """Address of its API."""
    console_url: pulumi.Output[str]
    """Address of its web console."""
    base_domain: pulumi.Output[str]
    """Where its names end."""
    running_version: pulumi.Output[str]
    """OpenShift version of the control plane."""

    def __init__(
        self,
        name: str,
        cluster_id: pulumi.Input[str],
        version: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {
            "cluster_id": cluster_id,
            "version": version,
            **dict.fromkeys(HcpClusterReadyProvider.computed),
        }
        super().__init__(HcpClusterReadyProvider(), name, props, opts)


def _outputs(props: dict[str, Any], seen: answers.Cluster) -> dict[str, Any]:
    return {
        **{key: value for key, value in plain(props).items() if key != "__provider"},
        "api_url": seen.api.url,
        "console_url": seen.console.url,
        "base_domain": f"{seen.domain_prefix}.{seen.dns.base_domain}" if seen.dns.base_domain else "",
        "running_version": seen.running_version,
    }
