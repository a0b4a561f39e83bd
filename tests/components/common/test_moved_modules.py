"""States of 0.1.0 name the classes of dynamic providers by module names of 0.1.0."""

import base64
import importlib
import pickle

import pytest
from modelyard.components.common.moved_modules import MOVED

STATE_OF_0_1_0 = (
    "gASVRwAAAAAAAACMKm1vZGVseWFyZC5jb21wb25lbnRzLm5vZGVfcG9vbHMucG9vbF9kcmFpbpSMEVBvb2xEcmFpblByb3ZpZGVylJOUKYGULg=="
)


def test_a_provider_from_a_state_of_0_1_0_is_the_class_of_today():
    provider = pickle.loads(base64.b64decode(STATE_OF_0_1_0))  # noqa: S301 - bytes of this file

    assert type(provider).__module__ == "modelyard.components.azure.pool_drain"


@pytest.mark.parametrize("name", sorted(MOVED))
def test_an_old_module_name_leads_to_the_module_of_today(name: str):
    assert importlib.import_module(name).__name__ == MOVED[name]
