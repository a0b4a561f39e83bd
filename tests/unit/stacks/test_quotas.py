"""Quotas of teams: all together have room on the nodes, where the nodes are counted."""

import copy
from typing import Any

import pytest
from modelyard.stacks.validation.messages import EnvironmentFileError
from modelyard.stacks.validation.read import read_environment

Given = dict[str, Any]


def test_quotas_of_all_teams_count_together(existing: Given):
    other = copy.deepcopy(existing["teams"][0])
    other.update(name="team-b", workspaces=[], volumes=[])
    other["quota"]["gpus"] = 3
    existing["teams"].append(other)
    with pytest.raises(EnvironmentFileError) as refused:
        read_environment(existing, "Pulumi.existing.yaml")
    assert "teams[1].quota.gpus: is 3, with the quotas before it 5, but cluster.capacity.gpus is 4" in str(
        refused.value
    )


def test_a_cluster_that_grows_is_not_checked(existing: Given):
    del existing["cluster"]["capacity"]
    existing["teams"][0]["quota"]["gpus"] = 400
    assert read_environment(existing, "Pulumi.existing.yaml").environment.teams[0].quota.gpus == 400
