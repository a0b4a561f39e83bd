"""Instance types as candidates for fine-tuning: how long a run takes there, and what it costs."""

import dataclasses

from modelyard.workloads.planner.alike import Known
from modelyard.workloads.planner.candidate import Answer, Candidate
from modelyard.workloads.planner.offer import Offer, machine, offers, refused
from modelyard.workloads.planner.precision import Compute, compute
from modelyard.workloads.planner.pricing import priced
from modelyard.workloads.planner.request import Request
from modelyard.workloads.planner.shape import shape
from modelyard.workloads.planner.training.fine_tune import Tuned, Tuning, stand_in


def tuning_candidates(request: Request) -> list[Candidate]:
    """One candidate for each instance type; see `serving_candidates` for which are answered together."""
    model = request.model
    architecture, scale = model.architecture, 1.0
    if architecture is None:
        architecture = stand_in(shape(model), model.max_context_tokens)
        scale = model.parameters / architecture.parameters
    tuning = Tuning(request, architecture, scale * (1 + (0.0 if model.exact else model.margin)))
    # Other quantisations are for serving: full and LoRA train the 16-bit weights, QLoRA quantises them itself.
    plain = model.model_copy(update={"quantisation": "none", "kv_bytes_per_value": 2})
    computes: dict[str, Compute] = {}
    candidates: list[Candidate] = []
    for alike in offers(request):
        gpu = alike[0].gpu
        how = computes.get(gpu.name)
        if how is None:
            how = compute(plain, gpu, request.precision)
            of_training = tuple(note for note in how.notes if "vLLM" not in note)
            how = computes[gpu.name] = dataclasses.replace(how, notes=of_training)
        known: Known[tuple[Tuned, Answer]] = Known()
        for offer in alike:
            refusal = offer.refusal or how.refusal
            if refusal:
                candidates.append(refused(offer.instance, refusal))
                continue
            both = known.of(offer)
            if both is None:
                tuned = tuning.on(machine(offer, how.tflops), how.dtype)
                answer = _answer(tuned, offer.instance.gpus, request.fine_tune.batch_sequences)
                both = known.learn(offer, (tuned, answer), between_nodes=tuned.nodes > 1 and not tuned.reasons)
            tuned, answer = both
            if tuned.reasons:
                candidates.append(_too_small(offer, tuned))
                continue
            loaded = model.weights_gib
            candidates.append(priced(request, offer, answer, loaded_gib=loaded, hours=tuned.hours, notes=how.notes))
    return candidates


def _answer(tuned: Tuned, gpus_per_node: int, batch_sequences: int) -> Answer:
    sequences = batch_sequences * tuned.gpus
    return Answer(
        nodes=tuned.nodes,
        gpus_per_node=gpus_per_node,
        tensor_parallel=1,
        pipeline_parallel=1,
        data_parallel=tuned.gpus,
        expert_parallel=1,
        mig_profile="",
        sharding=tuned.sharding,
        dtype=tuned.dtype,
        max_context_tokens=tuned.sequence_tokens,
        max_concurrency=sequences,
        concurrency=sequences,
        gpu_memory_gib=tuned.memory,
        tokens_per_second=tuned.tokens_per_second,
        time_to_first_token_ms=None,
        inter_token_latency_ms=None,
    )


def _too_small(offer: Offer, tuned: Tuned) -> Candidate:
    usd_per_hour = None if offer.usd_per_hour is None else offer.usd_per_hour * tuned.nodes
    return refused(offer.instance, *tuned.reasons, nodes=tuned.nodes, memory=tuned.memory, usd_per_hour=usd_per_hour)
