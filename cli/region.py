"""Regions that a user names: whether there is such a one, and whether it sells what is asked for."""

from typing import Literal

from modelyard.cli.complaints import BadRequestError

Cloud = Literal["azure", "aws", "any"]


def check_region(region: str | None, cloud: Cloud) -> None:
    """Refuse a region that sells nothing of the cloud.

    Raises:
        BadRequestError: it is not known; the nearest names are suggested.
    """
    from modelyard.workloads.hardware import catalogue  # noqa: PLC0415 - loads pydantic

    known = catalogue.regions(cloud)
    if region is not None and region not in known:
        of = "" if cloud == "any" else f" of {cloud}"
        raise BadRequestError(f"no region {region!r}{of} with GPUs; {catalogue.suggest(region, known)}")


def check_sold(sku: str | None, region: str | None, *, for_kaito: bool = False) -> None:
    """Refuse a region that does not sell the instance type. One that is not known passes: whoever plans says so.

    Raises:
        BadRequestError: the region lacks it; those that have it are named.
    """
    if sku is None or region is None:
        return
    from modelyard.workloads.hardware import catalogue  # noqa: PLC0415

    if for_kaito:
        from modelyard.cli.kaito_plan import our_name  # noqa: PLC0415

        sku = our_name(sku)
    if sku.lower() not in {entry.name.lower() for entry in catalogue.instance_types()}:
        return
    instance = catalogue.instance_type(sku)
    if not instance.sold_in(region):
        raise BadRequestError(f"{instance.name} is not sold in {region!r}; it is in {', '.join(instance.regions)}")
