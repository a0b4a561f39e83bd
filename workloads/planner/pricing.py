"""From a technical answer to candidates: instance types that are alike share the answer and differ in their price."""

from modelyard.workloads.planner import cost
from modelyard.workloads.planner.candidate import Answer, Candidate
from modelyard.workloads.planner.offer import Offer, over_limit, refused
from modelyard.workloads.planner.request import Request


def priced(
    request: Request, offer: Offer, answer: Answer, *, loaded_gib: float, hours: float | None, notes: tuple[str, ...]
) -> Candidate:
    """The candidate that an instance type is with that answer.

    Args:
        request: what was asked; its limit of price may refuse the candidate.
        offer: the instance type at its price.
        answer: what it does.
        loaded_gib: weights that one node loads at its start.
        hours: of one fine-tune, or None.
        notes: what to know of the candidate.
    """
    instance, model, node = offer.instance, request.model, offer.usd_per_hour
    hourly = None if node is None else node * answer.nodes
    reasons = over_limit(request, hourly, answer.nodes)
    if reasons:
        return refused(
            instance,
            *reasons,
            nodes=answer.nodes,
            memory=answer.gpu_memory_gib,
            usd_per_hour=hourly,
            mig_profile=answer.mig_profile,
        )
    start = cost.cold_start_seconds(instance, model.download_gib or model.weights_gib, loaded_gib)
    # By position, in the order of the fields: with so many, names cost three times as much, and this is made for every
    # model, task and instance type.
    return Candidate(
        instance.name,
        instance.cloud,
        instance.gpu,
        True,  # noqa: FBT003 - fits
        offer.price.region if offer.price else None,
        *answer,
        hourly,
        cost.usd_per_million(hourly, answer.tokens_per_second),
        hours,
        None if hourly is None or hours is None else hourly * (hours + start / 3600),
        None if hourly is None else hourly * cost.HOURS_PER_MONTH,
        start,
        None if hourly is None else hourly * start / 3600,
        cost.spot_risk(instance.cloud, answer.nodes, spot=request.spot),
        (),
        notes,
    )
