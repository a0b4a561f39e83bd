"""Candidates from estimates: instance types that share an estimate differ in their price."""

from modelyard.workloads.planner import cost
from modelyard.workloads.planner.candidate import Candidate, Estimate
from modelyard.workloads.planner.offer import Offer, check_price_limit, refuse_instance
from modelyard.workloads.planner.request import Request


def build_candidate(request: Request, offer: Offer, estimate: Estimate) -> Candidate:
    """Build the candidate of an instance type; the estimate or the request's limit of price may refuse it."""
    instance, model, node, fields = offer.instance, request.model, offer.usd_per_hour, estimate.fields
    hourly = None if node is None else node * fields.nodes
    reasons = estimate.reasons or check_price_limit(request, hourly, fields.nodes)
    if reasons:
        return refuse_instance(
            instance,
            *reasons,
            nodes=fields.nodes,
            memory=fields.gpu_memory_gib,
            usd_per_hour=hourly,
            mig_profile=fields.mig_profile,
        )
    start = cost.cold_start_seconds(instance, model.download_gib or model.weights_gib, estimate.loaded_gib)
    hours = estimate.hours
    # By position, in the order of the fields: keywords take three times as long here, and this runs for every model,
    # task and instance type.
    return Candidate(
        instance.name,
        instance.cloud,
        instance.gpu,
        True,  # noqa: FBT003 - fits
        offer.price.region if offer.price else None,
        *fields,
        hourly,
        cost.usd_per_million(hourly, fields.tokens_per_second),
        hours,
        None if hourly is None or hours is None else hourly * (hours + start / 3600),
        None if hourly is None else hourly * cost.HOURS_PER_MONTH,
        start,
        None if hourly is None else hourly * start / 3600,
        cost.describe_spot_risk(instance.cloud, fields.nodes, spot=request.spot),
        (),
        estimate.notes,
    )
