"""Who logs in to a ROSA cluster, through the real engine: passwords change in place and are nowhere to be read."""

import pytest

from tests.engine.api_server import running
from tests.engine.clouds.program import Program
from tests.engine.clouds.rosa import RosaCloud

pytestmark = pytest.mark.engine

CODE = """
from modelyard.components.rosa.cluster.component import RosaCluster

cluster = RosaCluster(
    "gpu1",
    {
        "ownership": {"team": "platform", "owner": "platform-team", "cost_center": "cc-1", "environment": "test"},
        "region": "us-east-1",
        "zones": ["us-east-1a"],
        "account_id": "123456789012",
        "creator_arn": "arn:aws:iam::123456789012:user/platform",
        "version": "4.20.1",
        "identity_providers": [
            {"name": "people", "users": [{"username": "ada", "password": pulumi.Output.secret(given["password"])}]},
            {
                "name": "entra",
                "open_id": {"issuer": "https://login.example", "client_id": "c", "client_secret": "Client-secret-1"},
            },
        ],
        "admins": ["ada"],
    },
)
pulumi.export("kubeconfig", cluster.kubeconfig)
"""

FIRST, SECOND, WEAK = "First-password-1", "Second-password-2", "weak"


def test_passwords_change_in_place_and_stay_secret(tmp_path):
    with running() as server, RosaCloud(server) as ocm:
        stack = Program(tmp_path, CODE)
        stack.extra_environment |= ocm.environment()
        created = stack.go(password=FIRST)
        unchanged = stack.go(password=FIRST)
        refused = stack.go(password=WEAK, fails=True)
        changed = stack.go(password=SECOND)
        state = stack.command("stack", "export").text
        [number] = ocm.clusters
        children = {kind: ocm.children[number][kind] for kind in ("identity_providers", "groups/cluster-admins/users")}
        names = {
            kind: sorted(entry.get("name", entry["id"]) for entry in entries.values())
            for kind, entries in children.items()
        }
        sent = [body for method, path, body in ocm.requests if method == "PATCH" and "/htpasswd_users/" in path]
        stack.destroy()
        remaining = ocm.clusters

    assert unchanged.changes == {}
    assert "htpasswd.users: the password of 'ada' must have at least 14 characters" in refused.text
    assert changed.changes == {"update": 1}
    assert names == {"identity_providers": ["entra", "people"], "groups/cluster-admins/users": ["ada"]}
    assert sent == [{"password": SECOND}]
    for secret in (FIRST, SECOND, "Client-secret-1", "very-secret"):
        assert not [1 for run in (created, refused, changed) if secret in run.text]
        assert secret not in state
    assert remaining == {}
