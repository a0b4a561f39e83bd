"""Checks of a user's region: it exists, and it sells the instance type."""

from typing import Literal

from modelyard.cli.errors import BadRequestError

Cloud = Literal["azure", "aws", "any"]


def check_region(region: str | None, cloud: Cloud) -> None:
    """Refuse a region that sells nothing of the cloud.

    Raises:
        BadRequestError: the region is unknown; the message suggests the nearest names.
    """
    from modelyard.workloads.hardware import catalogue
    from modelyard.workloads.suggestions import suggest

    regions = catalogue.list_regions(cloud)
    if region is not None and region not in regions:
        owner = "" if cloud == "any" else f" of {cloud}"
        raise BadRequestError(f"--region = {region!r}: no such region{owner} with GPUs; {suggest(region, regions)}")


def check_sold(sku: str | None, region: str | None, *, for_kaito: bool = False) -> None:
    """Refuse a region that does not sell the instance type; the planner refuses an unknown type itself.

    Raises:
        BadRequestError: the region lacks it; the message names those that have it.
    """
    if sku is None or region is None:
        return
    from modelyard.workloads.hardware import catalogue

    if for_kaito:
        from modelyard.cli.kaito_plan import translate_sku

        sku = translate_sku(sku)
    if sku.lower() not in {entry.name.lower() for entry in catalogue.list_instance_types()}:
        return
    instance = catalogue.find_instance_type(sku)
    if not instance.sold_in(region):
        regions = ", ".join(instance.regions)
        raise BadRequestError(f"--sku = {instance.name!r}: is not sold in {region!r}; it is in {regions}")
