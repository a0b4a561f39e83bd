"""Repositories of images in ECR that the nodes of a ROSA cluster may pull from."""

import json
from collections.abc import Sequence

import pulumi

UNTAGGED_DAYS = 14
"""After which layers that no tag names any more are deleted: each build leaves some."""


def repositories(
    name: str, cluster: str, names: Sequence[str], *, keep: bool, tags: dict[str, str], parent: pulumi.Resource
) -> dict[str, pulumi.Output[str]]:
    """Registers them as `<cluster>/<name>`; returns the address of each, by name.

    A tag is given once: what ran yesterday as `1.2` is what runs today. Images are scanned when they are pushed.

    Args:
        name: of the component.
        cluster: its name in OCM.
        names: of the repositories.
        keep: protected, and kept in AWS when the stack is destroyed; else deleted with all images.
        tags: of the repositories. `red-hat-managed` among them lets the nodes pull (AWS, ROSAWorkerInstancePolicy:
            ECRReadOnlyAccessRedHatManaged).
        parent: the component.
    """
    from pulumi_aws import ecr  # noqa: PLC0415 - loaded by programs that have such a cluster

    made: dict[str, pulumi.Output[str]] = {}
    for one in names:
        repository = ecr.Repository(
            f"{name}-{one}",
            name=f"{cluster}/{one}",
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration={"scan_on_push": True},
            force_delete=not keep,
            tags={**tags, "red-hat-managed": "true"},
            opts=pulumi.ResourceOptions(parent=parent, protect=keep, retain_on_delete=keep),
        )
        ecr.LifecyclePolicy(
            f"{name}-{one}",
            repository=repository.name,
            policy=lifecycle_policy(),
            opts=pulumi.ResourceOptions(parent=parent, deleted_with=repository, retain_on_delete=keep),
        )
        made[one] = repository.repository_url
    return made


def lifecycle_policy() -> str:
    """Deletes what no tag names."""
    rule = {
        "rulePriority": 1,
        "description": "layers that no tag names",
        "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": UNTAGGED_DAYS,
        },
        "action": {"type": "expire"},
    }
    return json.dumps({"rules": [rule]})
