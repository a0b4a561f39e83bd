"""Settings of the policy tests, which run in the pack's own environment: policies/.venv/bin/pytest tests/policies."""

from importlib.util import find_spec

# pulumi-policy wants protobuf 5 and lives only there; in any other environment these cannot even be imported.
collect_ignore = (
    []
    if find_spec("pulumi_policy")
    else [
        "test_rules.py",
        "test_stack_rules.py",
        "test_cloud_rules.py",
        "test_pack.py",
    ]
)
