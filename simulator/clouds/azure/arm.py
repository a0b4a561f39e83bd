"""Resource types of Azure Resource Manager, made from the path of their id.

`/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/…/managedClusters/{resourceName}` says
almost everything: which inputs name the resource and its parents, that a change of any of them is another resource
(calculateDetailedDiff of pulumi-azure-native: "all the parameters that are part of the resource path cause a
replacement"), which parents must exist, and that what lies below an id goes with it.
"""

import re
from collections.abc import Callable
from typing import Any

from simulator.clouds.account import fingerprint
from simulator.clouds.errors import CloudError
from simulator.clouds.resource_type import ResourceType, Rule, Subject, nothing
from simulator.clouds.shapes import Shape

GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
_PARAMETER = re.compile(r"{(\w+)}")


def arm_type(
    token: str,
    path: str,
    *,
    replace_on: tuple[str, ...] = (),
    computed: Callable[[Subject], dict[str, Any]] = nothing,
    rules: tuple[Rule, ...] = (),
    delete_rules: tuple[Rule, ...] = (),
    held_by: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
    excludes: Callable[[Subject], str] | None = None,
    seconds: float = 2.0,
    suffix: int = 8,
    has_location: bool = True,
) -> ResourceType:
    """A type of ARM.

    Args:
        token: without `azure-native:`.
        path: of its id; `{parameter}` is an input, but for the subscription.
        has_location: it has a location, which cannot be changed and is the group's when left out.
        others: see `ResourceType`; paths in `held_by` and tokens likewise without `azure-native:`.
    """
    parameters = [name for name in _PARAMETER.findall(path) if name != "subscriptionId"]
    provider = path.partition("/providers/")[2]
    kind = re.sub(r"/{\w+}", "", provider)

    def outputs(subject: Subject) -> dict[str, Any]:
        shown = {"name": subject.name.rpartition("/")[2], "type": kind, "provisioningState": "Succeeded"}
        return {**shown, "eTag": fingerprint(subject.inputs, length=32), **computed(subject)}

    return ResourceType(
        token=f"azure-native:{token}",
        identifier=lambda subject: identifier(path, subject),
        name=parameters[-1] if parameters else "",
        suffix=suffix,
        replace_on=(*parameters, *(("location",) if has_location else ()), *replace_on),
        computed=outputs,
        rules=(parents_exist, *rules),
        delete_rules=delete_rules,
        held_by=tuple(f"azure-native:{one}" for one in held_by),
        needs=needs,
        excludes=excludes,
        seconds=seconds,
        default_location=has_location,
    )


def identifier(path: str, subject: Subject) -> str:
    """The id of a resource."""
    values = {**subject.inputs, "subscriptionId": subject.place.account}
    # A scope is an id itself.
    filled = _PARAMETER.sub(lambda found: str(values[found[1]]).strip("/"), path)
    return filled if filled.startswith("/") else f"/{filled}"


def group_id(subject: Subject) -> str:
    """The id of the resource group that a resource is in."""
    return f"/subscriptions/{subject.place.account}/resourceGroups/{subject.inputs['resourceGroupName']}"


def parents_exist(subject: Subject) -> None:
    """Refuse a resource whose resource group, or whose parent within it, does not exist."""
    steps = subject.identifier.strip("/").split("/")
    if "providers" not in steps or steps[0] != "subscriptions" or steps[2:3] != ["resourceGroups"]:
        return
    group = "/" + "/".join(steps[:4])
    if subject.cloud.find(group) is None:
        raise CloudError("ResourceGroupNotFound", f"Resource group '{steps[3]}' could not be found.")
    parent = "/" + "/".join(steps[:-2])
    if len(steps) > 8 and steps.count("providers") == 1 and not _is_implicit(parent) and not subject.cloud.find(parent):
        raise CloudError("ParentResourceNotFound", f"'{subject.identifier}': its parent '{parent}' does not exist.")


def _is_implicit(identifier: str) -> bool:
    """Parents that come with their own parent, such as the blob service of a storage account."""
    return identifier.endswith("/default")


def unlisted(token: str, shape: Shape) -> ResourceType:
    """A type that is not in the table: its id is guessed from its inputs, and it has no rules of its own."""
    _, module, name = token.split(":")
    named = [one for one in (*shape.required, *shape.inputs) if one.endswith("Name") and one != "resourceGroupName"]
    own = next((one for one in named if one.lower().startswith(name.lower())), named[0] if named else "")
    scope = f"{GROUP}/" if "resourceGroupName" in shape.inputs else "/subscriptions/{subscriptionId}/"
    last = f"/{{{own}}}" if own else ""
    plural = name[0].lower() + name[1:] + "s"
    path = f"{scope}providers/Microsoft.{module.partition('/')[0]}/{plural}{last}"
    return arm_type(f"{module}:{name}", path, has_location="location" in shape.inputs)
