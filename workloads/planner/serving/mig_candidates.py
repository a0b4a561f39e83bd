"""Slices of a GPU (Multi-Instance GPU) as candidates for serving a small model.

A slice has its own memory and multiprocessors, and the share of the GPU's bandwidth that its memory is of the GPU's. It
is planned at its share of the node's price, which holds as long as somebody uses the other slices too. A model is never
divided over several slices, since NCCL does not join them (NVIDIA's MIG user guide).
"""

import dataclasses

from modelyard.workloads.hardware.gpu import MigProfile
from modelyard.workloads.planner.candidate import Candidate, Estimate
from modelyard.workloads.planner.model_profile import profile_model
from modelyard.workloads.planner.offer import Offer, describe_machine, list_offers
from modelyard.workloads.planner.precision import choose_precision
from modelyard.workloads.planner.pricing import build_candidate
from modelyard.workloads.planner.request import Request
from modelyard.workloads.planner.roofline import Machine
from modelyard.workloads.planner.serving.estimator import ServingEstimator


def list_mig_candidates(request: Request) -> list[Candidate]:
    """List a candidate for each kind of slice that holds the model, on each instance type that can be had."""
    model = request.model
    if model.architecture is not None and model.architecture.kind == "diffusion":
        return []
    estimator = ServingEstimator(request.model_copy(update={"max_nodes": 1}), profile_model(model))
    candidates: list[Candidate] = []
    for group in list_offers(request):
        gpu = group[0].gpu
        precision = choose_precision(model, gpu, request.precision)
        if precision.refusal:
            continue
        for profile in gpu.mig_profiles:
            if profile.instances == 1:  # As large as the GPU.
                continue
            serving = estimator.estimate(_slice_machine(describe_machine(group[0], precision.tflops), profile))
            if serving.reasons:
                continue
            slices = group[0].instance.gpus * profile.instances
            estimate = Estimate(
                serving.fields(gpus_per_node=1, dtype=precision.dtype)._replace(mig_profile=profile.name),
                loaded_gib=model.weights_gib,
                notes=(
                    *precision.notes,
                    f"one of {slices} slices {profile.name} of the node: others must use the rest",
                ),
            )
            candidates += [
                build_candidate(request, _divide_price(offer, slices), estimate)
                for offer in group
                if offer.refusal is None
            ]
    return candidates


def _slice_machine(machine: Machine, profile: MigProfile) -> Machine:
    return dataclasses.replace(
        machine,
        gpus=1,
        memory_gib=profile.memory_gib,
        bandwidth=machine.bandwidth * profile.memory_gib / machine.memory_gib,
        flops=machine.flops * profile.compute_share,
    )


def _divide_price(offer: Offer, slices: int) -> Offer:
    usd_per_hour = None if offer.usd_per_hour is None else offer.usd_per_hour / slices
    return dataclasses.replace(offer, usd_per_hour=usd_per_hour)
