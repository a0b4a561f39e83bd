"""Names that Azure accepts, and generated names."""

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.components.azure import naming
from modelyard.components.azure.naming import NameRule
from modelyard.components.common.errors import ArgumentError


class Names(NamedTuple):
    """Names that a rule accepts and refuses."""

    rule: NameRule
    accepted: list[str]
    refused: list[str]


NAMES = [
    Names(naming.CLUSTER, ["a", "gpu-dev", "a" * 54], ["", "-a", "a-", "a_b", "a" * 55]),
    Names(naming.NODE_POOL, ["a", "a100", "a" * 12], ["", "1a", "A100", "a-b", "a" * 13]),
    Names(naming.RESOURCE_GROUP, ["a", "a.b", "(x)_-", "a" * 90], ["", "a.", "a/b", "ä", "a" * 91]),
    Names(naming.REGISTRY, ["abcde", "A1" * 25], ["abcd", "a-bcde", "a" * 51]),
    Names(naming.STORAGE_ACCOUNT, ["abc", "a1" * 12], ["ab", "Abc", "a-b", "a" * 25]),
    Names(naming.CONTAINER, ["abc", "a-b", "a" * 63], ["ab", "a--b", "-ab", "ab-", "Abc", "a" * 64]),
    Names(naming.VAULT, ["abc", "a-b-1"], ["ab", "1ab", "a--b", "ab-", "a" * 25]),
    Names(naming.IDENTITY, ["abc", "a-_b"], ["ab", "-ab", "a b"]),
]


@pytest.mark.parametrize("names", NAMES, ids=[names.rule.resource for names in NAMES])
def test_each_rule_accepts_and_refuses_its_names(names: Names):
    rule = names.rule
    assert [rule.validate("dev", "name", name) for name in names.accepted] == names.accepted
    for name in names.refused:
        with pytest.raises(ArgumentError) as error:
            rule.validate("dev", "name", name)
        assert str(error.value) == f"dev: name = {name!r}: must be a {rule.resource} name: {rule.text} ({rule.source})"


@given(st.text(min_size=1, max_size=60, alphabet="abcXYZ019-"), st.text(max_size=8))
def test_unique_names_keep_the_rules_and_depend_on_the_salt(stem: str, salt: str):
    account = naming.unique_name(stem, 24, salt)
    assert naming.STORAGE_ACCOUNT.validate("dev", "account", account) == account
    assert account == naming.unique_name(stem, 24, salt)
    assert account != naming.unique_name(stem, 24, f"{salt}-other")
    vault = naming.unique_name(f"k{stem}".replace("--", "-").strip("-"), 24, salt, separator="-")
    assert "--" in stem or naming.VAULT.validate("dev", "vault", vault) == vault
