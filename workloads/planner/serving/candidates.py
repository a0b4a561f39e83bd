"""Instance types as candidates for serving."""

from functools import partial

from modelyard.workloads.planner.candidate import Candidate, Estimate
from modelyard.workloads.planner.model_profile import profile_model
from modelyard.workloads.planner.offer import Offer, describe_machine
from modelyard.workloads.planner.precision import ComputePrecision, choose_precision
from modelyard.workloads.planner.request import Request
from modelyard.workloads.planner.serving.estimator import ServingEstimator
from modelyard.workloads.planner.shared_estimates import collect_candidates

_IMAGES = ("speed and memory of image generation are not estimated: weights and text encoder alone are",)


def list_serving_candidates(request: Request) -> list[Candidate]:
    """List one candidate for each instance type."""
    model, estimator = request.model, ServingEstimator(request, profile_model(request.model))
    images = model.architecture is not None and model.architecture.kind == "diffusion"

    def estimate_offer(offer: Offer, precision: ComputePrecision) -> Estimate:
        serving = estimator.estimate(describe_machine(offer, precision.tflops))
        return Estimate(
            serving.fields(gpus_per_node=offer.instance.gpus, dtype=precision.dtype, with_speed=not images),
            loaded_gib=model.weights_gib / serving.nodes,
            reasons=serving.reasons,
            notes=(*precision.notes, *serving.notes, *(_IMAGES if images else ())),
        )

    return collect_candidates(request, partial(choose_precision, model, requested=request.precision), estimate_offer)
