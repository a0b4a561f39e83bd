"""Arguments are checked against their own annotations when a program runs."""

import asyncio
import enum
from typing import Any, NamedTuple, NotRequired

import pulumi
import pytest
from modelyard.components.common.component import Component
from modelyard.components.common.errors import ArgumentError, property_path
from modelyard.components.common.validation import validate_arguments
from modelyard.components.testing import Recorder
from typing_extensions import TypedDict


class Driver(enum.Enum):
    CLOUD = "cloud"
    OPERATOR = "operator"


class NetworkArgs(TypedDict):
    pods: str
    ranges: NotRequired[list[str]]


class BaseArgs(TypedDict):
    max_nodes: int
    spot: NotRequired[bool]


class PoolArgs(BaseArgs):
    driver: NotRequired[Driver]
    network: NotRequired[NetworkArgs]
    networks: NotRequired[list[NetworkArgs]]
    price: NotRequired[float]
    labels: NotRequired[dict[str, str]]
    image: NotRequired[pulumi.Input[str]]
    password: NotRequired[pulumi.Input[str]]
    settings: NotRequired[dict[str, Any]]


class Pool(Component):
    def __init__(
        self, name: str, args: PoolArgs, opts: pulumi.ResourceOptions | None = None, *, spec: str | None = None
    ):
        super().__init__("test:index:Pool", name, None, opts)
        self.given, self.spec = args, spec
        self.register_outputs({})


class Case(NamedTuple):
    args: Any
    faults: list[str]


REFUSED = {
    "misspelt key": Case({"sopt": True}, ["p: sopt: is unknown; did you mean 'spot'?"]),
    "strange key": Case(
        {"zzz": 1},
        [
            "p: zzz: is unknown; known are driver, image, labels, max_nodes, network, networks, password, price, "
            "settings, spot"
        ],
    ),
    "missing key": Case({"max_nodes": None}, ["p: max_nodes: is required"]),
    "missing nested key": Case({"network": {}}, ["p: network.pods: is required"]),
    "text for a number": Case({"max_nodes": "4"}, ["p: max_nodes = '4': must be a whole number, got text"]),
    "flag for a number": Case({"max_nodes": True}, ["p: max_nodes = True: must be a whole number, got true or false"]),
    "fraction for a whole number": Case(
        {"max_nodes": 1.5}, ["p: max_nodes = 1.5: must be a whole number, got a number"]
    ),
    "infinity for a whole number": Case({"max_nodes": float("inf")}, ["p: max_nodes = inf: must be a finite number"]),
    "text for a flag": Case({"spot": "yes"}, ["p: spot = 'yes': must be true or false, got text"]),
    "number for text": Case({"labels": {"a": 1}}, ["p: labels[a] = 1: must be text, got a whole number"]),
    "text for a list": Case(
        {"network": {"pods": "a", "ranges": "10.0.0.0/8"}},
        ["p: network.ranges = '10.0.0.0/8': must be a list, got text"],
    ),
    "text for an object": Case({"network": "a"}, ["p: network = 'a': must be an object of keys and values, got text"]),
    "item of a list": Case(
        {"networks": [{"pods": "a"}, {"pod": "b"}]},
        ["p: networks[1].pod: is unknown; did you mean 'pods'?", "p: networks[1].pods: is required"],
    ),
    "text outside of a choice": Case(
        {"driver": "cluod"}, ["p: driver = 'cluod': must be one of cloud, operator; did you mean 'cloud'?"]
    ),
    "secret of another type": Case({"password": 12345}, ["p: password: must be text, got a whole number"]),
    "output for a plain value": Case(
        {"spot": pulumi.Output.from_input("true")},
        ["p: spot: must be known at preview; give the value itself, not an output"],
    ),
    "several": Case(
        {"spot": 1, "max_nodes": "x"},
        [
            "p: max_nodes = 'x': must be a whole number, got text",
            "p: spot = 1: must be true or false, got a whole number",
        ],
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.usefixtures("engine")
def test_a_fault_is_refused_with_its_path(case: Case):
    with pytest.raises(ArgumentError) as refused:
        validate_arguments("p", {"max_nodes": 1} | case.args, PoolArgs)

    assert [str(fault) for fault in refused.value.faults] == case.faults
    assert str(refused.value) == "\n".join(case.faults)


def test_arguments_that_are_no_dictionary_are_refused():
    with pytest.raises(ArgumentError, match="p: must be an object of keys and values, got a list"):
        validate_arguments("p", [], PoolArgs)  # type: ignore[arg-type]


def test_values_get_the_types_of_their_annotations():
    args = {"max_nodes": 4.0, "driver": "cloud", "network": {"pods": "a", "ranges": ("b",)}, "spot": None, "price": 3}

    assert validate_arguments("p", args, PoolArgs) == {
        "max_nodes": 4,
        "driver": Driver.CLOUD,
        "network": {"pods": "a", "ranges": ["b"]},
        "price": 3,
    }


def test_outputs_and_awaitables_pass_where_inputs_are_taken(engine: Recorder):
    output, awaitable = pulumi.Output.from_input("a"), asyncio.get_event_loop().create_future()
    args = validate_arguments("p", {"max_nodes": 1, "image": awaitable, "password": output}, PoolArgs)

    assert args == {"max_nodes": 1, "image": awaitable, "password": output}


def test_a_component_checks_its_arguments_before_it_registers(engine: Recorder):
    with pytest.raises(ArgumentError, match="did you mean 'spot'"):
        Pool("p", {"max_nodes": 1, "sopt": True})  # type: ignore[typeddict-unknown-key]
    pool = Pool("q", {"max_nodes": 4.0, "driver": "cloud"})  # type: ignore[typeddict-item]
    engine.finish()

    assert pool.given == {"max_nodes": 4, "driver": Driver.CLOUD}
    assert [one.name for one in engine.registered] == ["q"]


def test_a_component_with_a_spec_takes_its_arguments_as_they_are(engine: Recorder):
    assert Pool("p", {"max_nodes": 4.0}, spec="validated").given == {"max_nodes": 4.0}  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("argument", "path"),
    [
        ("max_nodes", "maxNodes"),
        ("network.pod_cidr", "network.podCidr"),
        ("labels[my_key]", "labels[my_key]"),
        ("node_pools[0].min_nodes", "nodePools[0].minNodes"),
    ],
)
def test_a_path_is_spelt_as_in_the_schema(argument: str, path: str):
    assert property_path(argument) == path
