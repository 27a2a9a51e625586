"""Momentum contrast, MoCo (arXiv:1911.05722) and MoCo v2 (arXiv:2003.04297).

Shapes: N images of a rank, D numbers for each key, K keys in the queue.
"""
from typing import NamedTuple

import torch
from torch import Tensor

from dev.moco.training.resnet.encoder import Encoder
from dev.moco.training.resnet.head import encode, encode_backward, encode_recorded

BATCH_NORM_MOMENTUM = 0.1


class Contrast(NamedTuple):
    metrics: Tensor  # loss, top-1 and top-5 accuracy: means over the rank
    queries: Tensor  # N x D
    logits: Tensor  # N x (1 + K)


class MeanGradient(NamedTuple):
    gradient: Tensor
    length: Tensor  # in float64


def infonce_logits(queries: Tensor, keys: Tensor, queue: Tensor, temperature: float) -> Tensor:
    """Similarities over the temperature, N x (1 + K), the positive first (docs/method.md §1.3).

    queries, keys: N x D, of unit length. queue: D x K.
    """
    positive = torch.mul(queries, keys).sum([1], True)
    return torch.div(torch.cat([positive, torch.matmul(queries, queue)], 1), temperature)


def infonce_loss(logits: Tensor) -> Tensor:
    """InfoNCE, mean over the rank (docs/method.md §1.3): the cross-entropy of the logits against the positive."""
    positive = torch.zeros([logits.size(0)], dtype=torch.int64, device=logits.device)
    return torch.cross_entropy_loss(logits, positive)


def accuracy(logits: Tensor, k: int) -> Tensor:
    """Share of queries whose positive is among the k largest logits."""
    larger = torch.gt(logits.narrow(1, 1, logits.size(1) - 1), logits.narrow(1, 0, 1)).sum([1])
    return torch.lt(larger, k).to(logits.dtype).mean()


def contrast(
    encoder: Encoder,
    gradient: Tensor,
    images: Tensor,
    keys: Tensor,
    queue: Tensor,
    temperature: float,
) -> Contrast:
    """A rank's part of a step: adds the gradient of its mean loss to a flat buffer (docs/method.md §1.3)."""
    recording = encode_recorded(encoder, images, BATCH_NORM_MOMENTUM)
    scores = infonce_logits(recording.queries, keys, queue, temperature)
    loss = infonce_loss(scores)
    encode_backward(encoder, gradient, loss, recording)
    scores = scores.detach()
    metrics = torch.stack([loss.detach(), accuracy(scores, 1), accuracy(scores, 5)])
    return Contrast(metrics, recording.queries.detach(), scores)


def encode_keys(encoder: Encoder, images: Tensor) -> Tensor:
    """Keys of a rank's images, N x D. The batch norms are in train mode, and no gradient is recorded."""
    return encode(encoder, images, BATCH_NORM_MOMENTUM)


def update_key_encoder(key: Tensor, query: Tensor, momentum: float) -> Tensor:
    """key = momentum * key + (1 - momentum) * query, in place (docs/method.md §1.3)."""
    return key.mul_(momentum).add_(query, alpha=1. - momentum)


def enqueue(queue: Tensor, keys: Tensor, pointer: int) -> Tensor:
    """Writes keys (B x D) over the oldest columns of the queue, which begin at the pointer (docs/method.md §1.2)."""
    return queue.narrow(1, pointer, keys.size(0)).copy_(keys.t())


def select_rows(x: Tensor, indices: Tensor) -> Tensor:
    """Rows of x; indices are on the host. A GPU copies them from pinned memory when it comes to it."""
    if x.is_cuda:
        indices = indices.pin_memory().to(x.device, non_blocking=True)
    return torch.index_select(x, 0, indices)


def clear(x: Tensor) -> Tensor:
    return x.zero_()


def accumulate(total: Tensor, gradient: Tensor) -> Tensor:
    return total.add_(gradient)


def average(total: Tensor, ranks: int) -> MeanGradient:
    """Mean of the gradients of all ranks, in place of their sum."""
    return MeanGradient(total.div_(ranks), torch.linalg_vector_norm(total).to(torch.float64))
