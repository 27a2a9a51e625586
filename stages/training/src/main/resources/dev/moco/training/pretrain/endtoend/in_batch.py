"""InfoNCE whose dictionary is the batch: the end-to-end mechanism (arXiv:1911.05722, section 3.2).

Shapes: B images of all ranks, D numbers for each embedding. A rank has the images first to first + count - 1.
"""
from typing import NamedTuple

import torch
from torch import Tensor

from dev.moco.training.pretrain.positives import positive_accuracy, positive_columns
from dev.moco.training.resnet.functional import l2_normalize


class InBatch(NamedTuple):
    metrics: Tensor  # loss, top-1 and top-5 accuracy: means over the rank
    logits: Tensor  # count x B
    query_gradient: Tensor  # B x D; 0 for the queries of other ranks, unless the loss is symmetric
    key_gradient: Tensor  # B x D


def in_batch_logits(queries: Tensor, keys: Tensor, temperature: float) -> Tensor:
    """Similarities over the temperature. queries: count x D, keys: B x D, of unit length."""
    return torch.div(torch.matmul(queries, keys.t()), temperature)


def in_batch_loss(queries: Tensor, keys: Tensor, first: int, count: int, temperature: float) -> Tensor:
    """Mean over the rank's queries of the cross-entropy against the key of the same image.

    queries, keys: those of all ranks, B x D, of unit length.
    """
    logits = in_batch_logits(queries.narrow(0, first, count), keys, temperature)
    return torch.cross_entropy_loss(logits, positive_columns(logits, first, count))


def in_batch(
    query_embeddings: Tensor,
    key_embeddings: Tensor,
    first: int,
    count: int,
    temperature: float,
    symmetric: bool,
) -> InBatch:
    """A rank's loss, and its gradient with respect to the embeddings of all ranks, which are not yet of unit length.

    symmetric: whether keys are scored against queries too; the loss is then the mean of both directions.
    """
    query_leaf = query_embeddings.detach().requires_grad_()
    key_leaf = key_embeddings.detach().requires_grad_()
    queries, keys = l2_normalize(query_leaf), l2_normalize(key_leaf)
    loss = in_batch_loss(queries, keys, first, count, temperature)
    if symmetric:
        loss = torch.div(torch.add(loss, in_batch_loss(keys, queries, first, count, temperature)), 2.)
    grads = torch.grad([loss], [query_leaf, key_leaf])
    logits = in_batch_logits(queries.detach().narrow(0, first, count), keys.detach(), temperature)
    positives = positive_columns(logits, first, count)
    metrics = torch.stack([
        loss.detach(), positive_accuracy(logits, positives, 1), positive_accuracy(logits, positives, 5)])
    return InBatch(metrics, logits, torch._unwrap_optional(grads[0]), torch._unwrap_optional(grads[1]))
