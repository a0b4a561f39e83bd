"""Workspaces that no engine can run, or that the GPUs of their pool cannot hold, are refused by name."""

from typing import Any, NamedTuple

import pytest
from modelyard.stacks.validation.messages import EnvironmentFileError
from modelyard.stacks.validation.read import read_environment

from tests.unit.stacks.conftest import environment

TRAINED, SERVED = ("teams", 0, "workspaces", 0), ("teams", 1, "workspaces", 0)


class Case(NamedTuple):
    """Changes of a workspace and of the pool of its team in Pulumi.aks-prod.yaml, and the answer."""

    name: str
    workspace: tuple[str | int, ...]
    changes: dict[str, Any]
    line: str
    pool: dict[str, Any] | None = None
    """Changes of the node pool on which the team's quota is counted."""


NONE = "no engine of this release runs this"
T4 = {"instance_type": "Standard_NC4as_T4_v3", "zones": []}
CASES = [
    Case(
        "full fine-tune of 8B on a T4",
        TRAINED,
        {"preset": "llama-3.1-8b-instruct", "model": "hf://meta-llama/Llama-3.1-8B-Instruct"},
        "teams[0].workspaces[0].preset = 'llama-3.1-8b-instruct': node pool 'train' (Standard_NC4as_T4_v3, t4), task "
        "full: needs 126.0 GiB more per GPU: ",
        T4,
    ),
    Case(
        "server of DeepSeek's distilled 70B on a T4",
        SERVED,
        {"preset": "deepseek-r1-distill-llama-70b", "model": "pvc://models/distilled"},
        "teams[1].workspaces[0].preset = 'deepseek-r1-distill-llama-70b': node pool 'serve' (Standard_NC4as_T4_v3, "
        "t4), task serve: needs ",
        T4,
    ),
    Case(
        "embedding model as fine-tune",
        TRAINED,
        {"preset": "bge-m3", "model": "hf://BAAI/bge-m3"},
        f"teams[0].workspaces[0].preset = 'bge-m3': {NONE}: the trainer does not take family xlm-roberta: ",
    ),
    Case(
        "image model as chat server",
        SERVED,
        {"preset": "stable-diffusion-v1-5", "model": None},
        f"teams[1].workspaces[0].preset = 'stable-diffusion-v1-5': {NONE}: the server does not take family "
        "stable-diffusion: ",
    ),
    Case(
        "LoRA",
        TRAINED,
        {"settings": {"method": "lora"}},
        f"teams[0].workspaces[0].settings.method = 'lora': {NONE}: the trainer does not take task lora: ",
    ),
    Case(
        "DeepSeek V3",
        SERVED,
        {"preset": "deepseek-v3-0324", "model": None},
        f"teams[1].workspaces[0].preset = 'deepseek-v3-0324': {NONE}: the server does not take family deepseek_v3: ",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_workspace_that_cannot_run_is_refused(case: Case):
    document = environment("aks-prod")
    team = document["teams"][case.workspace[1]]
    workspace = team["workspaces"][0]
    workspace.update(case.changes)
    if workspace.get("model") is None:
        workspace.pop("model", None)
    if case.pool:
        next(pool for pool in document["node_pools"] if pool["name"] == team["quota"]["pool"]).update(case.pool)
    with pytest.raises(EnvironmentFileError) as caught:
        read_environment(document, "Pulumi.aks-prod.yaml")
    lines = [line for line in str(caught.value).split("\n  ") if "workspaces[0]" in line]
    assert [line[: len(case.line)] for line in lines] == [case.line]


def test_lack_of_memory_names_the_smallest_gpu_that_suffices():
    document = environment("aks-prod")
    document["teams"][1]["workspaces"][0] |= {"preset": "llama-3.1-8b-instruct", "model": "pvc://models/llama"}
    next(pool for pool in document["node_pools"] if pool["name"] == "serve").update(T4)
    with pytest.raises(
        EnvironmentFileError, match=r"the smallest GPU that holds it is a10 \(Standard_NV36ads_A10_v5\)"
    ):
        read_environment(document, "Pulumi.aks-prod.yaml")
