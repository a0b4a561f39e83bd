"""Instance types as candidates for fine-tuning."""

import dataclasses

from modelyard.workloads.hardware.gpu import Gpu
from modelyard.workloads.planner.candidate import Candidate, Estimate
from modelyard.workloads.planner.model_profile import profile_model
from modelyard.workloads.planner.offer import Offer, describe_machine
from modelyard.workloads.planner.precision import ComputePrecision, choose_precision
from modelyard.workloads.planner.request import Request
from modelyard.workloads.planner.shared_estimates import collect_candidates
from modelyard.workloads.planner.training.estimator import TrainingEstimator, build_stand_in


def list_training_candidates(request: Request) -> list[Candidate]:
    """List one candidate for each instance type."""
    model = request.model
    architecture, scale = model.architecture, 1.0
    if architecture is None:
        architecture = build_stand_in(profile_model(model), model.max_context_tokens)
        scale = model.parameters / architecture.parameters
    estimator = TrainingEstimator(request, architecture, scale * (1 + (0.0 if model.exact else model.margin)))
    # Other quantisations are for serving: full and LoRA train the 16-bit weights, QLoRA quantises them itself.
    plain = model.model_copy(update={"quantisation": "none", "kv_bytes_per_value": 2})

    def choose_training_precision(gpu: Gpu) -> ComputePrecision:
        precision = choose_precision(plain, gpu, request.precision)
        return dataclasses.replace(precision, notes=tuple(note for note in precision.notes if "vLLM" not in note))

    def estimate_offer(offer: Offer, precision: ComputePrecision) -> Estimate:
        training = estimator.estimate(describe_machine(offer, precision.tflops), precision.dtype)
        return Estimate(
            training.fields(offer.instance.gpus, request.fine_tune.batch_sequences),
            loaded_gib=model.weights_gib,
            hours=training.hours,
            reasons=training.reasons,
            notes=precision.notes,
        )

    return collect_candidates(request, choose_training_precision, estimate_offer)
