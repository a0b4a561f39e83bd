"""The tables of changes: every argument has exactly one line."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any, get_args, get_origin, get_type_hints

import pulumi
import pytest
from modelyard.components.common.change import ArgumentChange, Effect, render_table, replaced_properties
from modelyard.components.gpu_node_pool import GpuNodePoolArgs
from modelyard.components.node_pools.capabilities import ClusterKind
from typing_extensions import is_typeddict

from tools.documentation import changes
from tools.documentation.changes import FACADE, SECTIONS, Section
from tools.setup.locations import CHECKOUT

ALL = [section for sections in SECTIONS.values() for section in sections]


def leaves(args: type, prefix: str = "") -> Iterator[tuple[str, ...]]:
    """Yield the path of each argument with the paths of the objects that it is part of."""
    for name, hint in get_type_hints(args, localns={"Output": pulumi.Output, "T": Any}).items():
        nested = next((part for part in (hint, *get_args(hint)) if is_typeddict(part)), None)
        is_list = get_origin(hint) is list
        yield (f"{prefix}{name}",)
        if nested is not None and not is_list:
            yield from ((f"{prefix}{name}", *inner) for inner in leaves(nested, f"{prefix}{name}."))


@pytest.mark.parametrize("section", ALL, ids=lambda section: section.component)
def test_every_argument_has_exactly_one_line(section: Section):
    lines = Counter(section.table().keys())
    counts: dict[str, int] = {}
    paths = list(leaves(section.args()))
    for path in paths:
        is_leaf = not any(other[: len(path)] == path and len(other) > len(path) for other in paths)
        if is_leaf:
            counts[path[-1]] = sum(lines[part] for part in path)
    assert counts == dict.fromkeys(counts, 1), {name: count for name, count in counts.items() if count != 1}
    known = {name for path in paths for name in path}
    assert set(lines) <= known, "lines for arguments that do not exist"


def test_the_facade_has_a_line_for_each_shared_argument():
    kinds = {kind.value for kind in ClusterKind}
    assert {"kind", "cluster", *kinds, *FACADE} == set(GpuNodePoolArgs.__annotations__)
    assert len(FACADE) == len(set(FACADE))
    assert set(changes._POOLS) == set(changes.DRAINS) == kinds


def test_the_page_is_written_without_any_sdk_of_a_cloud():
    code = (
        "import sys; from tools.documentation.changes import render_page; render_page(); "
        "print([name for name in sys.modules if name in ('pulumi_azure_native', 'pulumi_aws')])"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CHECKOUT)
    assert process.stdout.strip() == "[]"


def test_only_lines_that_replace_or_are_refused_name_properties():
    for section in ALL:
        named = [
            name
            for name, change in section.table().items()
            if change.properties and change.effect not in (Effect.REPLACE, Effect.REFUSED)
        ]
        assert named == [], section.component


def test_properties_that_replace_are_read_by_kind():
    changes: dict[str, Any] = {
        "size": ArgumentChange(Effect.REPLACE, properties=("Pool.vmSize", "Pool.disk.gib")),
        "preset": ArgumentChange(Effect.REPLACE, properties=("Pool.vmSize",)),
        "name": ArgumentChange(Effect.REPLACE, properties=("Cluster.name",)),
        "tags": ArgumentChange(Effect.IN_PLACE),
    }
    assert replaced_properties(changes, "Pool") == ("disk.gib", "vmSize")
    assert replaced_properties(changes, "Nothing") == ()


def test_a_table_is_markdown():
    assert render_table({"a": ArgumentChange(Effect.REPLACE, "why")}).splitlines()[-1] == "| `a` | replace | why |"
