"""Where things are in OCM's API."""

ROOT = "/api/clusters_mgmt/v1"
CLUSTERS = f"{ROOT}/clusters"
OIDC_CONFIGS = f"{ROOT}/oidc_configs"
OIDC_THUMBPRINT = f"{ROOT}/aws_inquiries/oidc_thumbprint"
STS_POLICIES = f"{ROOT}/aws_inquiries/sts_policies"
VERSIONS = f"{ROOT}/versions"
MACHINE_TYPES = f"{ROOT}/machine_types"


def cluster(cluster_id: str, *parts: str) -> str:
    """A cluster, or something of it: `cluster("1", "node_pools", "gpu")`."""
    return "/".join((CLUSTERS, cluster_id, *parts))
