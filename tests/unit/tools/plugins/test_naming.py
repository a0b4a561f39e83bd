import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.plugins.kubernetes.naming import NamingError, assign_name, field_manager, suffix
from tools.plugins.wire import UNKNOWN


def assigned(manifest, old=None, seed=b"seed", proposed=None, **options):
    return assign_name(manifest, old=old or {}, urn_name="thing", seed=seed, proposed=proposed, **options)


@given(st.binary(min_size=1))
def test_seed_decides_the_suffix(seed):
    assert suffix(seed) == suffix(seed)
    assert re.fullmatch(r"[0-9a-f]{8}", suffix(seed))


@given(st.sets(st.binary(min_size=8, max_size=8), min_size=2, max_size=50))
def test_different_seeds_give_different_names(seeds):
    assert len({suffix(seed) for seed in seeds}) == len(seeds)


def test_no_seed_means_a_new_name_each_time():
    assert suffix(b"") != suffix(b"")


def test_automatic_name_is_marked():
    named = assigned({"kind": "Pod", "metadata": {"labels": {"a": "b"}}})

    assert named["metadata"] == {
        "labels": {"a": "b"},
        "name": f"thing-{suffix(b'seed')}",
        "annotations": {"pulumi.com/autonamed": "true"},
    }


def test_existing_object_keeps_its_automatic_name():
    first = assigned({"kind": "Pod"})

    assert assigned({"kind": "Pod"}, old=first, seed=b"other")["metadata"]["name"] == first["metadata"]["name"]


def test_object_that_loses_its_own_name_gets_an_automatic_one():
    old = {"kind": "Pod", "metadata": {"name": "mine"}}

    assert assigned({"kind": "Pod"}, old=old)["metadata"]["name"].startswith("thing-")


@pytest.mark.parametrize("name", ["mine", UNKNOWN])
def test_name_of_the_program_is_left(name):
    manifest = {"metadata": {"name": name}}

    assert assigned(manifest) == manifest


def test_engine_may_propose_or_forbid():
    assert assigned({}, proposed="proposed")["metadata"]["name"] == "proposed"
    with pytest.raises(NamingError, match="disabled"):
        assigned({}, is_allowed=False)


def test_generated_names_are_refused():
    with pytest.raises(NamingError, match="generateName"):
        assigned({"metadata": {"generateName": "x-"}})


def test_unknown_metadata_is_left():
    assert assigned({"metadata": UNKNOWN}) == {"metadata": UNKNOWN}


def test_manager_belongs_to_one_resource():
    assert field_manager("urn:a") == field_manager("urn:a") != field_manager("urn:b")
