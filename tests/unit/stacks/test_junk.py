"""Values of another sort than the file wants: each gets a line, and none ends in a traceback."""

from dataclasses import dataclass
from datetime import date

import pytest

from tests.unit.stacks.test_faults import faults, put

# ruff: noqa: FBT003 - true is a value of files here


@dataclass(frozen=True)
class Junk:
    """A value of another sort at a key, and the line that refuses it."""

    environment: str
    path: tuple[str | int, ...]
    value: object
    line: str


WORKSPACE = ("teams", 0, "workspaces", 0)
JUNK = {
    "object in a list of text": Junk(
        "rosa-prod", ("node_pools", 0, "zones"), [{}], "node_pools[0].zones[0]: expected text, got an object"
    ),
    "count beyond all clusters": Junk(
        "rosa-prod",
        (*WORKSPACE, "workers"),
        10**30,
        f"teams[0].workspaces[0].workers = {10**30}: must be 100000 or less",
    ),
    "replicas beyond all clusters": Junk(
        "rosa-prod",
        ("teams", 1, "workspaces", 0, "replicas"),
        10**30,
        f"teams[1].workspaces[0].replicas = {10**30}: must be 100000 or less",
    ),
    "switch for a count": Junk(
        "rosa-prod",
        ("teams", 1, "workspaces", 0, "replicas"),
        True,
        "teams[1].workspaces[0].replicas = True: expected a whole number, got true or false",
    ),
    "switch for a quota of vCPUs": Junk(
        "rosa-prod",
        ("cluster", "rosa", "vcpu_quota", "L-DB2E81BA"),
        True,
        "cluster.rosa.vcpu_quota.L-DB2E81BA = True: expected a whole number, got true or false",
    ),
    "switch for a price": Junk(
        "aks-dev",
        ("cluster", "aks", "budget", "amount_per_month"),
        True,
        "cluster.aks.budget.amount_per_month = True: expected a number, got true or false",
    ),
    "infinite price": Junk(
        "rosa-prod",
        ("node_pools", 2, "max_price"),
        float("inf"),
        "node_pools[2].max_price = inf: must be a finite number",
    ),
    "memory beyond all numbers": Junk(
        "aks-dev",
        ("operators", "kueue", "memory"),
        "9" * 400 + "GiB",
        f"operators.kueue.memory = '{'9' * 59}…{'9' * 26}GiB': "
        "is not an amount of memory; write it as '512MiB' or '8GiB'",
    ),
    "digits of another script": Junk(
        "aks-dev",
        (*WORKSPACE, "timeout"),
        "\u0664h",
        "teams[0].workspaces[0].timeout = '\u0664h': is not a duration; write it as '90s', '30m', '2h' or '1d12h'",
    ),
    "date for text": Junk(
        "aks-dev",
        ("cluster", "aks", "budget", "from_month"),
        date(2026, 12, 1),
        "cluster.aks.budget.from_month = 2026-12-01: must be text; YAML reads it as a date: write it in quotes",
    ),
    "empty source": Junk(
        "aks-dev", ("operators", "kueue", "source"), " ", "operators.kueue.source = ' ': must not be empty"
    ),
    "storage class with a space": Junk(
        "aks-dev",
        ("storage", "storage_class"),
        "azure files",
        "storage.storage_class = 'azure files': must be the name of a Kubernetes object: lower-case letters, digits, "
        "'-' and '.'",
    ),
    "schedule in words": Junk(
        "rosa-prod",
        ("cluster", "rosa", "upgrade_schedule"),
        "saturday",
        "cluster.rosa.upgrade_schedule = 'saturday': must be a cron expression of five fields, UTC, such as "
        "'0 3 * * 6' (ocm clusters_mgmt/v1, UpgradePolicy.schedule)",
    ),
    "object for a kind": Junk(
        "aks-dev",
        (*WORKSPACE, "kind"),
        {"a": None},
        "teams[0].workspaces[0].kind: expected 'fine-tune' or 'serve'",
    ),
    "selector of a machine set without labels": Junk(
        "openshift-onprem",
        ("cluster", "machine_set", "spec", "selector", "matchLabels"),
        None,
        "cluster.machine_set: spec.selector.matchLabels has no 'machine.openshift.io/cluster-api-cluster' "
        "(openshift/api, machine/v1beta1)",
    ),
    "labels of a machine set that are text": Junk(
        "openshift-onprem",
        ("cluster", "machine_set", "spec", "template", "metadata", "labels"),
        "a",
        "cluster.machine_set: spec.template.metadata.labels must be an object (openshift/api, machine/v1beta1)",
    ),
    "key in upper case": Junk(
        "aks-dev",
        (*WORKSPACE, "worker", "CPUS"),
        2,
        "teams[0].workspaces[0].worker.CPUS: unknown key; did you mean 'cpus'? allowed: cpu_limit, cpus, gpus, memory",
    ),
}


@pytest.mark.parametrize("case", JUNK.values(), ids=JUNK.keys())
def test_junk_gets_a_line_of_its_own(case: Junk):
    *parents, key = case.path
    assert faults(case.environment, put(*parents, **{str(key): case.value})) == [case.line]
