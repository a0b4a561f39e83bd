"""Faults of an environment file: all in one run, in words of the file, at the key as it was written."""

import copy
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from modelyard.policies.rules.settings import OPERATOR_NAMESPACES
from modelyard.stacks.validation.messages import EnvironmentFileError
from modelyard.stacks.validation.read import read_environment

from tests.unit.stacks.conftest import environment

Change = Callable[[dict[str, Any]], object]


class Case(NamedTuple):
    """A change of an environment file, and the whole answer to it."""

    name: str
    environment: str
    change: Change
    lines: list[str]


def put(*path: str | int, **values: Any) -> Change:
    """Return a change that sets keys of the object at `path`."""

    def change(document: Any) -> None:
        for part in path:
            document = document[part]
        document.update(values)

    return change


def drop(*path: str | int) -> Change:
    """Return a change that removes the value at `path`."""

    def change(document: Any) -> None:
        for part in path[:-1]:
            document = document[part]
        del document[path[-1]]

    return change


def every(*changes: Change) -> Change:
    """Return a change of several parts."""
    return lambda document: [change(document) for change in changes]


def faults(case_environment: str, change: Change, file: str = "") -> list[str]:
    """Return the lines of a refusal, without the first one."""
    document = environment(case_environment)
    change(document)
    with pytest.raises(EnvironmentFileError) as refused:
        read_environment(document, file or f"Pulumi.{case_environment}.yaml")
    first, *lines = str(refused.value).split("\n  ")
    assert first == f"{file or f'Pulumi.{case_environment}.yaml'}: modelyard:environment is refused:"
    return lines


IN_QUOTES = "must be text; YAML reads it as a number, and 1.30 as 1.3: write it in quotes"

CASES = [
    Case(
        "a missing key hides neither a quota nor a region",
        "aks-prod",
        every(
            drop("teams", 0, "owner"),
            put("teams", 0, "quota", gpus=40),
            put("cluster", "aks", location="eastu"),
        ),
        [
            "cluster.aks.location = 'eastu': must be a region of Azure's public cloud; did you mean 'eastus' or "
            "'eastus2' or 'westus'? (Azure reliability, list of regions)",
            "teams[0].quota.gpus: is 40, but node_pools[1] has 4 at most (2 nodes of 2)",
            "teams[0].owner: is missing",
        ],
    ),
    Case(
        "a faulty amount stops only the checks that read it",
        "local",
        every(put("teams", 0, "quota", cpus="two", gpus=2), put("teams", 0, "workspaces", 0, priority="hihg")),
        [
            "teams[0].quota.cpus = 'two': is not a number of cores; write it as 2 or 0.5",
            "teams[0].quota.gpus: is 2, but cluster.capacity.gpus is 1",
            "teams[0].workspaces[0].priority = 'hihg': no such priority; did you mean 'high'?",
        ],
    ),
    Case(
        "a faulty workspace leaves its neighbour checked",
        "local",
        every(drop("teams", 0, "workspaces", 0, "kind"), put("teams", 0, "workspaces", 1, priority="hihg")),
        [
            "teams[0].workspaces[0].kind: is missing; expected 'fine-tune' or 'serve'",
            "teams[0].workspaces[1].priority = 'hihg': no such priority; did you mean 'high'?",
        ],
    ),
    Case(
        "versions and accounts without quotes",
        "rosa-dev",
        put("cluster", "rosa", version=4.20, account_id=123456789012),
        [f"cluster.rosa.account_id = 123456789012: {IN_QUOTES}", f"cluster.rosa.version = 4.2: {IN_QUOTES}"],
    ),
    Case(
        "a version of Kubernetes without quotes",
        "aks-dev",
        put("cluster", "aks", kubernetes_version=1.30),
        [f"cluster.aks.kubernetes_version = 1.3: {IN_QUOTES}"],
    ),
    Case(
        "a text in place of a list",
        "rosa-dev",
        put("cluster", "rosa", zones="us-east-1a"),
        ["cluster.rosa.zones = 'us-east-1a': expected a list, got text"],
    ),
    Case(
        "a list in place of an object",
        "local",
        put("teams", 0, quota=[1]),
        ["teams[0].quota: expected an object of keys and values, got a list"],
    ),
    Case(
        "nothing in place of an object",
        "local",
        put(operators=None),
        ["operators: expected an object of keys and values, got nothing"],
    ),
    Case(
        "a kind that there is not",
        "local",
        put(kind="gcp"),
        ["kind = 'gcp': expected 'local', 'existing', 'openshift', 'aks' or 'rosa'"],
    ),
    Case(
        "a key that is no text",
        "local",
        lambda document: document.update({3: 4}),
        ["3: unknown key; allowed: cluster, images, kind, name, node_pools, operators, priorities, storage, teams"],
    ),
    Case(
        "an image with a variable",
        "local",
        put("images", train="${REGISTRY}/train:1"),
        [
            "images.train = '${REGISTRY}/train:1': is not an image reference; write registry/name:tag or "
            "registry/name@sha256:…, without variables"
        ],
    ),
    Case(
        "a pool twice",
        "aks-prod",
        lambda document: document["node_pools"].append(dict(document["node_pools"][0])),
        ["node_pools[3].name = 'serve': this name is taken by node_pools[0].name; choose another"],
    ),
    Case(
        "a former key in the words of the file",
        "rosa-prod",
        put("cluster", "rosa", login={"name": "-", "issuer": "https://a.example", "client_id": "b"}),
        [
            "cluster.rosa.login.name = '-': must be letters, digits, '-', '_' and '.', with a letter or digit at both "
            "ends (rosa, idRE)"
        ],
    ),
    Case(
        "an unknown key beside former ones",
        "rosa-prod",
        put("cluster", "rosa", login={"name": "a", "issuer": "https://a.example", "client_id": "b", "isuer": "c"}),
        [
            "cluster.rosa.login.isuer: unknown key; did you mean 'issuer'? allowed: name, issuer, client_id, "
            "client_secret, groups_claim, admins"
        ],
    ),
    Case(
        "a key under both of its names",
        "aks-prod",
        put("cluster", "aks", api={"private": True}, private_api=True),
        [
            "cluster.aks.private_api: is the former name of cluster.aks.api.private, which is given as well; "
            "leave it out"
        ],
    ),
]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_all_faults_are_reported_in_one_run(case: Case):
    assert faults(case.environment, case.change) == case.lines


@pytest.mark.parametrize("name", [*OPERATOR_NAMESPACES, "default", "openshift", "openshift-monitoring", "kube-flannel"])
def test_reserved_namespaces_are_no_teams(name: str):
    (line,) = faults("existing", put("teams", 0, name=name))
    assert line.startswith(f"teams[0].name = '{name}': is a namespace of the cluster or of an operator")


@pytest.mark.parametrize(
    ("file", "line"),
    [
        pytest.param(
            "Pulumi.aks-staging.yaml",
            "name = 'aks-dev': must be the stack's name, 'aks-staging', because names in the cloud follow it; "
            "write name: aks-staging",
            id="a copied file",
        ),
        pytest.param(
            "Pulumi.AKS-staging.yaml",
            "name = 'aks-dev': must be the stack's name, 'AKS-staging', because names in the cloud follow it; "
            "rename the stack and its file to aks-dev",
            id="a stack whose name no environment can have",
        ),
    ],
)
def test_environment_has_the_name_of_its_stack(file: str, line: str):
    assert faults("aks-dev", put(), file) == [line]


@pytest.mark.parametrize(
    ("name", "former", "current"),
    [
        pytest.param(
            "aks-dev",
            {"private_api": False, "authorized_ranges": ["203.0.113.0/24"]},
            {"api": {"private": False, "authorized_ranges": ["203.0.113.0/24"]}},
            id="API of AKS",
        ),
        pytest.param("rosa-dev", {"private_api": False}, {"private": False}, id="API of ROSA"),
        pytest.param(
            "rosa-dev",
            {
                "login": {
                    "name": "entra",
                    "issuer": "https://login.example/v2.0",
                    "client_id": "a",
                    "groups_claim": "groups",
                    "admins": ["ada"],
                }
            },
            {
                "identity_providers": [
                    {
                        "name": "entra",
                        "open_id": {
                            "issuer": "https://login.example/v2.0",
                            "client_id": "a",
                            "claims": {"groups": ["groups"]},
                        },
                    }
                ],
                "admins": ["ada"],
            },
            id="login of ROSA",
        ),
    ],
)
def test_former_keys_mean_the_same_with_a_note(name: str, former: dict[str, Any], current: dict[str, Any]):
    documents = [environment(name) for _ in range(2)]
    for document, section in zip(documents, (former, current), strict=True):
        cluster = document["cluster"][document["kind"]]
        for key in ("private_api", "authorized_ranges", "api", "private"):
            cluster.pop(key, None)
        cluster.update(section)
    with_former, with_current = (read_environment(document, f"Pulumi.{name}.yaml") for document in documents)

    assert with_former.environment == with_current.environment
    assert with_current.notes == ()
    assert all("goes with the next major release" in note for note in with_former.notes)
    assert len(with_former.notes) >= len(former)


def test_reading_changes_nothing():
    document = environment("local")
    put("teams", 0, qouta=1)(document)
    before = copy.deepcopy(document)
    with pytest.raises(EnvironmentFileError):
        read_environment(document, "Pulumi.local.yaml")
    assert document == before
