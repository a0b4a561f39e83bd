"""Functions of the AWS provider: who and where I am, zones, policy documents."""

import json
from typing import Any

from simulator.clouds.account import fingerprint
from simulator.clouds.cloud import Function, Question


def caller_identity(question: Question) -> dict[str, Any]:
    """Account and user of the provider."""
    account = question.place.account
    return {
        "id": account,
        "accountId": account,
        "userId": "AIDASIMULATED",
        "arn": f"arn:aws:iam::{account}:user/simulated",
    }


def region(question: Question) -> dict[str, Any]:
    """The provider's region."""
    name = str(question.arguments.get("region") or question.place.region)
    return {"id": name, "name": name, "region": name, "endpoint": f"ec2.{name}.amazonaws.com", "description": name}


def partition(_question: Question) -> dict[str, Any]:
    """The commercial partition: others are not simulated."""
    return {"id": "aws", "partition": "aws", "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws"}


def availability_zones(question: Question) -> dict[str, Any]:
    """Three zones a region, a to c; some real ones have more, or lack one of these."""
    name = str(question.arguments.get("region") or question.place.region)
    names = [f"{name}{letter}" for letter in "abc"]
    ids = [f"{fingerprint(name, length=4)}-az{number}" for number in (1, 2, 3)]
    return {"id": name, "region": name, "names": names, "zoneIds": ids, "groupNames": [name]}


_LISTS = {"actions": "Action", "notActions": "NotAction", "resources": "Resource", "notResources": "NotResource"}


def policy_document(question: Question) -> dict[str, Any]:
    """A policy as JSON, its statements in the order in which they are given."""
    statements = [_statement(one) for one in question.arguments.get("statements") or []]
    document = {"Version": question.arguments.get("version") or "2012-10-17", "Statement": statements}
    text = json.dumps(document, indent=2)
    return {"id": str(int(fingerprint(text, length=8), 16)), "json": text, "minifiedJson": json.dumps(document)}


def _statement(given: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"Sid": given["sid"]} if given.get("sid") else {}
    found["Effect"] = given.get("effect") or "Allow"
    for key, name in _LISTS.items():
        if values := given.get(key):
            found[name] = values[0] if len(values) == 1 else values
    for key, name in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        for one in given.get(key) or []:
            found.setdefault(name, {})[one["type"]] = _one_or_all(one["identifiers"])
    for one in given.get("conditions") or []:
        found.setdefault("Condition", {}).setdefault(one["test"], {})[one["variable"]] = _one_or_all(one["values"])
    return found


def _one_or_all(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


FUNCTIONS: dict[str, Function] = {
    "aws:iam/getPolicyDocument:getPolicyDocument": policy_document,
    "aws:index/getAvailabilityZones:getAvailabilityZones": availability_zones,
    "aws:index/getCallerIdentity:getCallerIdentity": caller_identity,
    "aws:index/getPartition:getPartition": partition,
    "aws:index/getRegion:getRegion": region,
}
