"""Configuration of the policy pack for an environment."""

import json
from pathlib import Path

from modelyard.stacks.environment.environment import Environment

from tests.unit.stacks.conftest import environment
from tools.up.guardrails import list_chosen_images, write_policy_configuration


def existing(**images: str) -> Environment:
    return Environment.model_validate({**environment("existing"), "images": images}, context={"name": "existing"})


def test_chosen_images_are_allowed_without_their_tags():
    environment_with_images = existing(
        train="registry.internal:5000/ml/train:3", serve=f"gpu.azurecr.io/serve@sha256:{'0123456789abcdef' * 4}"
    )

    assert list_chosen_images(environment_with_images) == ["gpu.azurecr.io/serve", "registry.internal:5000/ml/train"]


def test_placeholder_image_is_not_allowed():
    assert list_chosen_images(existing(train="registry.example/modelyard/train:1", serve="quay.io/a/serve:1")) == [
        "quay.io/a/serve"
    ]


def test_chosen_images_join_the_public_registries(tmp_path: Path):
    write_policy_configuration(existing(train="quay.io/a/train:1", serve="quay.io/a/serve:1"), tmp_path / "policies")

    configured = json.loads((tmp_path / "policies").read_text())
    assert configured
    for rule in configured.values():
        assert {"registry.k8s.io", "quay.io/a/train", "quay.io/a/serve"} <= set(rule["registries"])
        assert "quay.io/a" not in rule["registries"]
