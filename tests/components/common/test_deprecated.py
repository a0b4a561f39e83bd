"""Former names of arguments stay accepted."""

from typing import Any

import pulumi
import pytest
from modelyard.components.common.deprecated import resolve_deprecated
from modelyard.components.common.errors import ArgumentError

FORMER = {"efa": "fabric", "capacity_block": "capacity_blocks"}


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    messages: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", messages.append)
    return messages


def test_a_former_name_is_replaced_and_warned_of(warnings: list[str]):
    args: dict[str, Any] = {"efa": True, "max_nodes": 2}

    assert resolve_deprecated("gpu-a", args, FORMER) == {"fabric": True, "max_nodes": 2}
    assert args == {"efa": True, "max_nodes": 2}
    assert warnings == ["gpu-a: efa is now called fabric; the former name goes with the next major release"]


def test_todays_names_pass_without_a_warning(warnings: list[str]):
    assert resolve_deprecated("gpu-a", {"fabric": False}, FORMER) == {"fabric": False}
    assert warnings == []


def test_an_argument_under_both_names_is_refused():
    with pytest.raises(ArgumentError) as refusal:
        resolve_deprecated("gpu-a", {"efa": True, "fabric": True}, FORMER)
    assert str(refusal.value) == "gpu-a: efa: is the former name of fabric, which is given as well"
