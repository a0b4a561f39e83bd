"""Resource types of Azure Resource Manager, made from the path of their id.

`/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/…/managedClusters/{resourceName}` has
almost all rules: the inputs that name the resource and its parents, whose change is another resource
(calculateDetailedDiff of pulumi-azure-native: "all the parameters that are part of the resource path cause a
replacement"), the parents that must exist, and the resources below an id, which are deleted with it.
"""

import re
from collections.abc import Callable
from typing import Any

from simulator.clouds.account import fingerprint
from simulator.clouds.errors import CloudError
from simulator.clouds.resource_type import ResourceType, Rule, Subject, no_outputs
from simulator.clouds.schemas import ResourceSchema

GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
_PARAMETER = re.compile(r"{(\w+)}")


def arm_type(
    token: str,
    path: str,
    *,
    replace_on: tuple[str, ...] = (),
    computed: Callable[[Subject], dict[str, Any]] = no_outputs,
    rules: tuple[Rule, ...] = (),
    delete_rules: tuple[Rule, ...] = (),
    held_by: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
    excludes: Callable[[Subject], str] | None = None,
    seconds: float = 2.0,
    suffix: int = 8,
    has_location: bool = True,
) -> ResourceType:
    """Make a type of ARM.

    Args:
        token: type token without `azure-native:`.
        path: path of the id; `{parameter}` is an input, except the subscription.
        has_location: the type has a location, which cannot change and by default is the group's.
        others: see `ResourceType`; paths in `held_by` and tokens likewise without `azure-native:`.
    """
    parameters = [name for name in _PARAMETER.findall(path) if name != "subscriptionId"]
    provider = path.partition("/providers/")[2]
    kind = re.sub(r"/{\w+}", "", provider)

    def outputs(subject: Subject) -> dict[str, Any]:
        common = {"name": subject.name.rpartition("/")[2], "type": kind, "provisioningState": "Succeeded"}
        return {**common, "eTag": fingerprint(subject.inputs, length=32), **computed(subject)}

    return ResourceType(
        token=f"azure-native:{token}",
        identifier=lambda subject: identifier(path, subject),
        name=parameters[-1] if parameters else "",
        suffix=suffix,
        replace_on=(*parameters, *(("location",) if has_location else ()), *replace_on),
        computed=outputs,
        rules=(check_parents, *rules),
        delete_rules=delete_rules,
        held_by=tuple(f"azure-native:{reference}" for reference in held_by),
        needs=needs,
        excludes=excludes,
        seconds=seconds,
        default_location=has_location,
    )


def identifier(path: str, subject: Subject) -> str:
    """Build the id of a resource."""
    values = {**subject.inputs, "subscriptionId": subject.scope.account}
    # A scope is an id itself.
    text = _PARAMETER.sub(lambda match: str(values[match[1]]).strip("/"), path)
    return text if text.startswith("/") else f"/{text}"


def group_id(subject: Subject) -> str:
    """Build the id of a resource's group."""
    return f"/subscriptions/{subject.scope.account}/resourceGroups/{subject.inputs['resourceGroupName']}"


def check_parents(subject: Subject) -> None:
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
    """Tell whether a parent exists with its own parent, such as the blob service of a storage account."""
    return identifier.endswith("/default")


def unlisted(token: str, schema: ResourceSchema) -> ResourceType:
    """Make a type that is not in the table: its id is guessed from its inputs, and it has no rules of its own."""
    _, module, name = token.split(":")
    names = [key for key in (*schema.required, *schema.inputs) if key.endswith("Name") and key != "resourceGroupName"]
    own = next((key for key in names if key.lower().startswith(name.lower())), names[0] if names else "")
    scope = f"{GROUP}/" if "resourceGroupName" in schema.inputs else "/subscriptions/{subscriptionId}/"
    last = f"/{{{own}}}" if own else ""
    plural = name[0].lower() + name[1:] + "s"
    path = f"{scope}providers/Microsoft.{module.partition('/')[0]}/{plural}{last}"
    return arm_type(f"{module}:{name}", path, has_location="location" in schema.inputs)
