"""One slice of a GPU (Multi-Instance GPU) as a candidate for serving a small model.

A slice has its own memory and multiprocessors, and the share of the GPU's bandwidth that its memory is of the GPU's. It
is planned at its share of the node's price, which holds as long as somebody uses the other slices too. A model is never
divided over several slices, since NCCL does not join them (NVIDIA's MIG user guide).
"""

import dataclasses

from modelyard.workloads.hardware.gpu import MigProfile
from modelyard.workloads.planner.candidate import Candidate
from modelyard.workloads.planner.offer import Offer, machine, offers
from modelyard.workloads.planner.precision import compute
from modelyard.workloads.planner.pricing import priced
from modelyard.workloads.planner.request import Request
from modelyard.workloads.planner.roofline import Machine
from modelyard.workloads.planner.serving.serving import Serving
from modelyard.workloads.planner.shape import shape


def mig_candidates(request: Request) -> list[Candidate]:
    """A candidate for each kind of slice that holds the model, on each instance type that can be had."""
    model = request.model
    serving = Serving(request.model_copy(update={"max_nodes": 1}), shape(model))
    images = model.architecture is not None and model.architecture.kind == "diffusion"
    candidates: list[Candidate] = []
    for alike in offers(request):
        gpu = alike[0].gpu
        how = compute(model, gpu, request.precision)
        if how.refusal or images:
            continue
        for profile in gpu.mig_profiles:
            if profile.instances == 1:  # As large as the GPU.
                continue
            found = serving.on(_slice(machine(alike[0], how.tflops), profile))
            if found.reasons:
                continue
            answer = found.answer(gpus_per_node=1, dtype=how.dtype)._replace(mig_profile=profile.name)
            slices = alike[0].instance.gpus * profile.instances
            notes = (*how.notes, f"one of {slices} slices {profile.name} of the node: others must use the rest")
            candidates += [
                priced(request, _share(offer, slices), answer, loaded_gib=model.weights_gib, hours=None, notes=notes)
                for offer in alike
                if offer.refusal is None
            ]
    return candidates


def _slice(whole: Machine, profile: MigProfile) -> Machine:
    return dataclasses.replace(
        whole,
        gpus=1,
        memory_gib=profile.memory_gib,
        bandwidth=whole.bandwidth * profile.memory_gib / whole.memory_gib,
        flops=whole.flops * profile.compute_share,
    )


def _share(offer: Offer, slices: int) -> Offer:
    each = None if offer.usd_per_hour is None else offer.usd_per_hour / slices
    return dataclasses.replace(offer, usd_per_hour=each)
