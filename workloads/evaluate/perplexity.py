"""Perplexity of held-out text: e to the mean negative log-likelihood of a token, in nats.

Every token counts once and equally, except the first of each sequence, which nothing precedes. The run_clm example of
transformers computes it so too, and figures compare; a longer sequence gives more context, and so a lower perplexity.
"""

import math
from dataclasses import dataclass
from typing import Any

import torch
from modelyard.workloads.preprocess.pack import TokenRows
from torch import nn
from torch.nn import functional


@dataclass(frozen=True)
class Likelihood:
    """Sum of negative log-likelihoods over a number of predicted tokens."""

    nats: float
    tokens: int

    @property
    def loss(self) -> float:
        """Return the mean negative log-likelihood in nats per token."""
        return self.nats / self.tokens

    @property
    def perplexity(self) -> float:
        """Return e to the loss; infinite where that is too large for a float."""
        return math.exp(self.loss) if self.loss < 700 else math.inf  # e**709 is the largest finite double

    def __add__(self, other: "Likelihood") -> "Likelihood":
        return Likelihood(self.nats + other.nats, self.tokens + other.tokens)


@torch.inference_mode()
def measure(
    model: nn.Module,
    sequences: TokenRows,
    *,
    batch_sequences: int,
    rank: int = 0,
    world: int = 1,
    autocast: Any = None,
) -> Likelihood:
    """Measure this rank's share of the text: every `world`-th batch, from the `rank`-th on.

    The ranks' results add up to that of one rank alone. The model is left in the mode it was in.
    """
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    batches = [sequences.rows[at : at + batch_sequences] for at in range(0, len(sequences.rows), batch_sequences)]
    if sequences.tail.size > 1:
        batches.append(sequences.tail[None, :])
    nats = torch.zeros((), dtype=torch.float64, device=device)
    tokens = 0
    for batch in batches[rank::world]:
        ids = torch.from_numpy(batch.astype("int64")).to(device, non_blocking=True)
        if autocast is None:
            logits = model(input_ids=ids, use_cache=False).logits
        else:
            with autocast():
                logits = model(input_ids=ids, use_cache=False).logits
        nats += functional.cross_entropy(
            logits[:, :-1].reshape(-1, logits.shape[-1]).float(), ids[:, 1:].reshape(-1), reduction="sum"
        ).double()
        tokens += ids[:, 1:].numel()
    model.train(was_training)
    return Likelihood(nats.item(), tokens)
