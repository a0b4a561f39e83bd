"""Functions of the AWS provider: caller, region, zones, policy documents."""

import json
from typing import Any

from simulator.clouds.account import fingerprint
from simulator.clouds.cloud import Function, FunctionCall


def caller_identity(call: FunctionCall) -> dict[str, Any]:
    """Return account and user of the provider."""
    account = call.scope.account
    return {
        "id": account,
        "accountId": account,
        "userId": "AIDASIMULATED",
        "arn": f"arn:aws:iam::{account}:user/simulated",
    }


def region(call: FunctionCall) -> dict[str, Any]:
    """Return the provider's region."""
    name = str(call.arguments.get("region") or call.scope.region)
    return {"id": name, "name": name, "region": name, "endpoint": f"ec2.{name}.amazonaws.com", "description": name}


def partition(_call: FunctionCall) -> dict[str, Any]:
    """Return the commercial partition; others are not simulated."""
    return {"id": "aws", "partition": "aws", "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws"}


def availability_zones(call: FunctionCall) -> dict[str, Any]:
    """Return three zones, a to c; some real regions have more, or lack one of these."""
    name = str(call.arguments.get("region") or call.scope.region)
    names = [f"{name}{letter}" for letter in "abc"]
    ids = [f"{fingerprint(name, length=4)}-az{number}" for number in (1, 2, 3)]
    return {"id": name, "region": name, "names": names, "zoneIds": ids, "groupNames": [name]}


_LISTS = {"actions": "Action", "notActions": "NotAction", "resources": "Resource", "notResources": "NotResource"}


def policy_document(call: FunctionCall) -> dict[str, Any]:
    """Return a policy as JSON, its statements in the order of the arguments."""
    statements = [_statement(statement) for statement in call.arguments.get("statements") or []]
    document = {"Version": call.arguments.get("version") or "2012-10-17", "Statement": statements}
    text = json.dumps(document, indent=2)
    return {"id": str(int(fingerprint(text, length=8), 16)), "json": text, "minifiedJson": json.dumps(document)}


def _statement(arguments: dict[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = {"Sid": arguments["sid"]} if arguments.get("sid") else {}
    statement["Effect"] = arguments.get("effect") or "Allow"
    for key, name in _LISTS.items():
        if values := arguments.get(key):
            statement[name] = _one_or_all(values)
    for key, name in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        for principal in arguments.get(key) or []:
            statement.setdefault(name, {})[principal["type"]] = _one_or_all(principal["identifiers"])
    for condition in arguments.get("conditions") or []:
        tests = statement.setdefault("Condition", {}).setdefault(condition["test"], {})
        tests[condition["variable"]] = _one_or_all(condition["values"])
    return statement


def _one_or_all(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


FUNCTIONS: dict[str, Function] = {
    "aws:iam/getPolicyDocument:getPolicyDocument": policy_document,
    "aws:index/getAvailabilityZones:getAvailabilityZones": availability_zones,
    "aws:index/getCallerIdentity:getCallerIdentity": caller_identity,
    "aws:index/getPartition:getPartition": partition,
    "aws:index/getRegion:getRegion": region,
}
