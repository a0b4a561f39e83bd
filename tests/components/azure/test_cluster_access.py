"""Kubeconfig of a cluster: kubelogin logs in, certificates stay, and a wrong answer is not shown."""

import base64
import json
from typing import Any

import pytest
import yaml
from modelyard.components.azure.cluster.access import SERVER_ID, kubeconfig_with_login
from modelyard.components.azure.cluster.args import AksLogin

from tests.components.azure.recorded import KUBECONFIG


def encode(document: Any) -> str:
    return base64.b64encode(yaml.safe_dump(document).encode()).decode()


@pytest.mark.parametrize(
    ("login", "interactive"), [(AksLogin.WORKLOAD_IDENTITY, "Never"), (AksLogin.DEVICE_CODE, "IfAvailable")]
)
def test_users_log_in_with_kubelogin(login: AksLogin, interactive: str):
    kubeconfig = json.loads(kubeconfig_with_login(encode(KUBECONFIG), login))
    command = kubeconfig["users"][0]["user"]["exec"]
    assert command["args"] == ["get-token", "--login", login.value, "--server-id", SERVER_ID]
    assert command["interactiveMode"] == interactive
    assert kubeconfig["clusters"] == KUBECONFIG["clusters"]


def test_a_user_with_a_certificate_is_kept():
    local = {**KUBECONFIG, "users": [{"name": "a", "user": {"client-certificate-data": "x"}}]}
    kubeconfig = json.loads(kubeconfig_with_login(encode(local), AksLogin.AZURE_CLI))
    assert kubeconfig["users"] == local["users"]


@pytest.mark.parametrize("answer", ["not base64!", encode(["very-secret"]), encode("very-secret: [")])
def test_an_answer_that_is_no_kubeconfig_is_not_shown(answer: str):
    with pytest.raises(ValueError, match="no kubeconfig") as error:
        kubeconfig_with_login(answer, AksLogin.AZURE_CLI)
    assert "very-secret" not in str(error.value)
