"""From the engine's events to a plan, and from a plan to what a person reads."""

import json

from simulator.preview.plan import read_plan
from simulator.preview.text import SIMULATED, format_text

URN = "urn:pulumi:aks-dev::modelyard::"


def step(qualified: str, name: str, operation: str = "create", **state: object) -> dict:
    token = qualified.rpartition("$")[2]
    new = {"inputs": {}, **state}
    metadata = {"op": operation, "urn": f"{URN}{qualified}::{name}", "type": token, "new": new}
    return {"resourcePreEvent": {"metadata": metadata}}


ESTIMATE = {"usd_per_hour": {"min_nodes": 0, "max_nodes": 12.4}, "pools": {}, "without_price": ["b200"]}
STACK = "pulumi:pulumi:Stack"
ROLE = "Role worker: not known before `pulumi up`: role-trust needs assumeRolePolicy."
EVENTS = [
    step(STACK, "modelyard-aks-dev"),
    step("modelyard:index:AksCluster", "aks-dev"),
    step("modelyard:index:AksCluster$pulumi:providers:kubernetes", "aks-dev"),
    step("modelyard:index:AksCluster$azure-native:network:Subnet", "nodes", inputs={"addressPrefix": "10.0.0.0/20"}),
    step("modelyard:index:AksCluster$azure-native:containerservice:ManagedCluster", "aks-dev", protect=True),
    step("modelyard:index:GpuNodePool$azure-native:containerservice:AgentPool", "t4", "replace"),
    step("modelyard:index:GpuNodePool$azure-native:containerservice:AgentPool", "t4", "create-replacement"),
    {"resOutputsEvent": {"metadata": {"type": STACK, "new": {"outputs": {"estimate": ESTIMATE}}}}},
    {"policyEvent": {"enforcementLevel": "advisory", "resourceUrn": f"{URN}x::t4", "message": "cheaper elsewhere\n"}},
    {
        "policyEvent": {
            "enforcementLevel": "advisory",
            "resourceUrn": f"{URN}x::worker",
            "message": "can't run policy 'resources' from policy pack 'modelyard@v0.0.1' during preview: Role worker: "
            "not known before `pulumi up`: role-trust needs assumeRolePolicy.",
        }
    },
    {"diagnosticEvent": {"severity": "info", "message": "azure-native is SIMULATED"}},
]


def test_plan_has_resources_cost_and_advice_but_no_components():
    plan = read_plan("aks-dev", EVENTS)

    assert [(one.group.value, one.operation, one.name) for one in plan.steps] == [
        ("cluster", "create", "nodes"),
        ("cluster", "create", "aks-dev"),
        ("pools", "replace", "t4"),
    ]
    assert plan.operations == {"create": 2, "replace": 1}
    assert plan.estimate == ESTIMATE
    assert plan.advice == [ROLE, "t4: cheaper elsewhere"]


def test_text_is_grouped_with_counts_cost_and_notice():
    plan = read_plan("aks-dev", EVENTS)

    assert format_text(plan, properties=True).splitlines() == [
        "cluster (2)",
        "  + azure-native:containerservice:ManagedCluster  aks-dev  (protected)",
        "  + azure-native:network:Subnet  nodes",
        "        addressPrefix: 10.0.0.0/20",
        "",
        "pools (1)",
        "  ± azure-native:containerservice:AgentPool  t4",
        "",
        "aks-dev: 2 to create, 1 to replace (cluster 2, pools 1)",
        "estimated cost of the GPU pools: 0.00 USD per hour at their smallest, 12.40 at their largest; without b200, "
        "whose price there is not known",
        "policies refuse nothing; what they remark (2):",
        f"  {ROLE}",
        "  t4: cheaper elsewhere",
        SIMULATED,
    ]
    assert "  + azure-native:network:Subnet                   nodes\n" in format_text(plan)
    assert "addressPrefix" not in format_text(plan)


def test_json_has_the_cost_and_is_marked_simulated():
    plan = json.loads(json.dumps(read_plan("aks-dev", EVENTS).as_dict()))

    assert plan["simulated"] is True
    assert plan["estimate"] == ESTIMATE
    assert list(plan["groups"]) == ["cluster", "pools"]
    assert plan["groups"]["pools"] == [
        {
            "operation": "replace",
            "type": "azure-native:containerservice:AgentPool",
            "name": "t4",
            "protected": False,
            "properties": {},
        }
    ]


def test_platform_without_pools_has_no_estimate():
    text = format_text(read_plan("existing", [step("kubernetes:core/v1:Namespace", "team-a")]))

    assert "estimated cost: none, no node pools are made" in text
    assert "policies refuse nothing\n" in text
