"""The recorder: each test starts afresh, and names count as in the engine."""

import subprocess
import sys
import textwrap

import pulumi
import pytest
from modelyard.components.testing import Recorder


class Thing(pulumi.ComponentResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None):
        super().__init__("test:index:Thing", name, None, opts)


def test_a_refused_first_program_leaves_the_next_one_alone():
    """In a process of its own: the first program there is really the first."""
    code = """
        import pulumi
        from modelyard.components.testing import Recorder

        Recorder.installed()  # a program that is refused before it registers anything, and never finished
        engine = Recorder.installed()
        pulumi.ComponentResource("test:index:Thing", "thing")
        engine.finish()
        print([one.name for one in engine.registered])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.stdout.strip(), done.returncode) == ("['thing']", 0), done.stderr


def test_the_same_urn_twice_is_refused(engine: Recorder):
    Thing("thing")
    Thing("thing")

    with pytest.raises(
        ValueError, match="duplicate resource URN 'urn:pulumi:test::modelyard::test:index:Thing::thing'"
    ):
        engine.finish()


def test_the_same_name_below_different_parents_is_accepted(engine: Recorder):
    below = pulumi.ComponentResource("test:index:Parent", "parent")
    Thing("thing")
    thing = Thing("thing", pulumi.ResourceOptions(parent=below))
    engine.finish()
    urns: list[str] = []
    thing.urn.apply(urns.append)
    engine.finish()

    assert urns == ["urn:pulumi:test::modelyard::test:index:Parent$test:index:Thing::thing"]
