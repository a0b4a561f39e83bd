"""Worker process of a run: its rank, the number of workers, and its device."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
from modelyard.workloads.failure import UserError
from torch import distributed

PATIENCE = timedelta(hours=2)
"""Longest wait of a worker for the others, while rank 0 tokenises or evaluates."""


@dataclass(frozen=True)
class Worker:
    """Process of rank `rank` among `world` workers."""

    rank: int
    world: int
    device: torch.device

    @property
    def is_leader(self) -> bool:
        """Tell the worker that writes files from the others."""
        return self.rank == 0

    def wait(self) -> None:
        """Wait for all workers."""
        if self.world > 1:
            distributed.barrier()

    def total(self, *numbers: float) -> list[float]:
        """Sum each number over all workers."""
        if self.world == 1:
            return list(numbers)
        # gloo and nccl both sum doubles; nccl only on its device.
        tensor = torch.tensor(numbers, dtype=torch.float64, device=self.device)
        distributed.all_reduce(tensor)
        return tensor.tolist()

    def broadcast(self, thing: Any) -> Any:
        """Return the value that the leader passed, on every worker."""
        if self.world == 1:
            return thing
        box = [thing]
        distributed.broadcast_object_list(box, src=0, device=self.device if self.device.type == "cuda" else None)
        return box[0]


def choose_device(use_gpu: bool | None, local_rank: int = 0) -> torch.device:  # noqa: FBT001 - a field of the configuration
    """Choose the device of the `local_rank`-th worker of a machine.

    Raises:
        UserError: a GPU is demanded and CUDA sees none.
    """
    if use_gpu is False:
        return torch.device("cpu")
    if torch.cuda.is_available():
        device = torch.device("cuda", local_rank % torch.cuda.device_count())
        torch.cuda.set_device(device)
        return device
    if use_gpu:
        raise UserError("use_gpu is true, but this worker sees no CUDA device; leave use_gpu out, or give it a GPU")
    return torch.device("cpu")


@contextmanager
def join_workers(use_gpu: bool | None) -> Iterator[Worker]:  # noqa: FBT001 - a field of the configuration
    """Join the workers that torchrun's variables describe; without them the worker is alone."""
    world = int(os.environ.get("WORLD_SIZE", "1"))
    rank = int(os.environ.get("RANK", "0"))
    device = choose_device(use_gpu, int(os.environ.get("LOCAL_RANK", "0")))
    if world == 1:
        yield Worker(0, 1, device)
        return
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE)
    try:
        yield Worker(rank, world, device)
    finally:
        distributed.destroy_process_group()
