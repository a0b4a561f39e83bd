"""Serving and offline batch: the best layout on each kind of machine."""

import math
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from modelyard.workloads.planner.candidate import Answer
from modelyard.workloads.planner.layout import Layout, layouts, undividable
from modelyard.workloads.planner.memory import Memory
from modelyard.workloads.planner.request import Request
from modelyard.workloads.planner.roofline import Machine, Speed, Work, speed, work
from modelyard.workloads.planner.serving.memory import SEQUENCES_PER_STEP, Reservation, reservation
from modelyard.workloads.planner.shape import Shape

USUAL_CONCURRENCY = 16
"""Sequences in flight at which serving is rated where the request names none."""


@dataclass(frozen=TYPE_CHECKING, slots=True)
class Row:
    """A layout with what it takes, for one request, whatever the GPU."""

    layout: Layout
    reservation: Reservation
    fixed: float
    """GiB on the fullest GPU without sequences."""
    each: float
    """GiB of one sequence of the requested length."""
    need: float
    """GiB on the fullest GPU for the requested context and concurrency."""
    works: dict[int, Work] = field(default_factory=dict)
    """By sequences in flight, filled as they are asked for."""


@dataclass(frozen=TYPE_CHECKING, slots=True)
class Found:
    """The result for one machine: a layout and its figures, or why there is none."""

    nodes: int
    layout: Layout
    memory: Memory
    max_context_tokens: int = 0
    max_concurrency: int = 0
    concurrency: int = 0
    speed: Speed | None = None
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def answer(self, *, gpus_per_node: int, dtype: str, rated: bool = True) -> Answer:
        """The same in the terms of a candidate; without its speed where that is not `rated`."""
        layout, rating = self.layout, self.speed if rated else None
        return Answer(
            nodes=self.nodes,
            gpus_per_node=gpus_per_node,
            tensor_parallel=layout.tensor,
            pipeline_parallel=layout.pipeline,
            data_parallel=layout.data,
            expert_parallel=layout.expert,
            mig_profile="",
            sharding="none",
            dtype=dtype,
            max_context_tokens=self.max_context_tokens,
            max_concurrency=self.max_concurrency,
            concurrency=self.concurrency,
            gpu_memory_gib=self.memory,
            tokens_per_second=rating.tokens_per_second if rating else None,
            time_to_first_token_ms=rating.time_to_first_token_ms if rating else None,
            inter_token_latency_ms=rating.inter_token_latency_ms if rating else None,
        )


class Serving:
    """One request's layouts with what they take; `on` asks them for one machine."""

    def __init__(self, request: Request, shape: Shape) -> None:
        self.request = request
        self.shape = shape
        self.context = request.context
        self.required = request.concurrency or 1
        """Sequences that must fit at once."""
        self._offline = request.task == "batch"
        self._utilization = request.gpu_memory_utilization
        self._rows: dict[tuple[int, int], tuple[tuple[Row, ...], ...]] = {}
        self._least: dict[tuple[int, int], Row] = {}
        self._undivided: dict[int, str | None] = {}

    def on(self, machine: Machine) -> Found:
        """The fewest nodes of that machine that hold the model, and on these the fastest layout."""
        budget = machine.memory_gib * self._utilization
        for nodes in range(1, self.request.max_nodes + 1):
            if self.least(machine.gpus, nodes).need <= budget:
                return self._fastest(machine, nodes, budget)
        return self._refused(machine, budget)

    def rows(self, gpus: int, nodes: int) -> tuple[tuple[Row, ...], ...]:
        """Every layout over so many nodes: equal divisions of layers and experts together, short pipelines first."""
        key = (gpus, nodes)
        found = self._rows.get(key)
        if found is None:
            kinds: dict[tuple[int, int], list[Row]] = {}
            for layout in layouts(self.shape, gpus, nodes):
                kinds.setdefault((layout.tensor, layout.expert), []).append(self._row(layout))
            found = self._rows[key] = tuple(map(tuple, kinds.values()))
        return found

    def least(self, gpus: int, nodes: int) -> Row:
        """The layout that needs the least of a GPU."""
        key = (gpus, nodes)
        if key not in self._least:
            self._least[key] = min(chain(*self.rows(gpus, nodes)), key=lambda row: row.need)
        return self._least[key]

    def undivided(self, gpus: int) -> str | None:
        """Why the model cannot be divided by all GPUs of a node, or None."""
        if gpus not in self._undivided:
            self._undivided[gpus] = undividable(self.shape, gpus)
        return self._undivided[gpus]

    def _row(self, layout: Layout) -> Row:
        taken = reservation(self.shape, layout, self._chunk)
        fixed, each = taken.fixed, taken.sequence(self.context)
        return Row(layout, taken, fixed, each, fixed + each * math.ceil(self.required / layout.data))

    @property
    def _chunk(self) -> int:
        """Tokens of one prefill step: never more than a sequence has where that is all there is to compute."""
        return min(self.request.max_batch_tokens, self.context * max(self.required, USUAL_CONCURRENCY))

    def _fastest(self, machine: Machine, nodes: int, budget: float) -> Found:
        best: tuple[float, Row, int, int, Speed] | None = None
        for kind in self.rows(machine.gpus, nodes):
            for row in kind:
                if row.need <= budget:
                    break  # A longer pipeline than needed only adds latency.
            else:
                continue
            capacity = self._capacity(row, budget)
            load = self._load(capacity, row.layout)
            rated = speed(self._work(row, load), machine)
            if best is None or rated.tokens_per_second > best[0]:
                best = (rated.tokens_per_second, row, capacity, load, rated)
        assert best is not None  # noqa: S101 - the caller saw that one row fits
        _, row, capacity, load, rated = best
        longest = min(row.reservation.longest(budget - row.fixed), self.request.model.max_context_tokens)
        return Found(
            nodes=nodes,
            layout=row.layout,
            memory=row.reservation.memory(self.context, math.ceil(self.required / row.layout.data)).on(
                machine.memory_gib
            ),
            max_context_tokens=max(longest, self.context),
            max_concurrency=capacity,
            concurrency=load,
            speed=rated,
            notes=self._notes(machine, row.layout),
        )

    def _capacity(self, row: Row, budget: float) -> int:
        if row.each <= 0:
            return SEQUENCES_PER_STEP * row.layout.data
        fitting = math.floor((budget - row.fixed) / row.each + 1e-9)
        return max(fitting * row.layout.data, self.required)

    def _load(self, capacity: int, layout: Layout) -> int:
        if self._offline:
            return min(capacity, SEQUENCES_PER_STEP * layout.data)
        return self.request.concurrency or min(capacity, USUAL_CONCURRENCY)

    def _work(self, row: Row, sequences: int) -> Work:
        found = row.works.get(sequences)
        if found is None:
            context = self.context
            prompt = max(1, round(context * self.request.prompt_share))
            output = max(1, context - prompt)
            found = work(self.shape, row.layout, prompt=prompt, output=output, sequences=sequences)
            row.works[sequences] = found
        return found

    def _notes(self, machine: Machine, layout: Layout) -> tuple[str, ...]:
        reason = self.undivided(machine.gpus) if layout.tensor < machine.gpus else None
        return (reason,) if reason else ()

    def _refused(self, machine: Machine, budget: float) -> Found:
        nodes = self.request.max_nodes
        row = self.least(machine.gpus, nodes)
        memory = row.reservation.memory(self.context, math.ceil(self.required / row.layout.data))
        lacking = row.need - budget
        where = f"{nodes} nodes" if nodes > 1 else "one node"
        reasons = [
            f"needs {lacking:.1f} GiB more per GPU: {row.need:.1f} GiB (weights {memory.weights_gib:.1f}, cache "
            f"{memory.kv_cache_gib:.1f}), but a server may use {budget:.1f} of {machine.memory_gib:.1f} GiB, "
            f"even with {row.layout} on {where}"
        ]
        undivided = self.undivided(machine.gpus)
        if undivided:
            reasons.append(undivided)
        return Found(nodes, row.layout, memory.on(machine.memory_gib), reasons=tuple(reasons))
