"""NT-Xent, the loss of SimCLR (arXiv:2002.05709), in the scale of the official code.

Shapes: N images of all ranks, each with two views a and b; D numbers for each embedding. A rank has the images first to
first + count - 1.
"""
from typing import NamedTuple

import torch
from torch import Tensor

from dev.moco.training.pretrain.positives import positive_accuracy, positive_columns
from dev.moco.training.resnet.functional import l2_normalize

# Added to the similarity of a view with itself, which is no negative.
OWN_VIEW = -1.0e09


class NtXent(NamedTuple):
    metrics: Tensor  # loss; top-1 and top-5 accuracy of a among the views b: means over the rank
    logits: Tensor  # of the views a, count x 2N
    a_gradient: Tensor  # N x D
    b_gradient: Tensor  # N x D


def nt_xent_logits(views: Tensor, others: Tensor, first: int, count: int, temperature: float) -> Tensor:
    """Similarities over the temperature of a rank's views with the other kind, then with their own but themselves.

    views, others: all views of one kind and of the other, N x D, of unit length. Returns count x 2N.
    """
    own = views.narrow(0, first, count)
    same = torch.div(torch.matmul(own, views.t()), temperature)
    mask = torch.zeros_like(same).scatter_(1, positive_columns(same, first, count).unsqueeze(1), OWN_VIEW)
    return torch.cat([torch.div(torch.matmul(own, others.t()), temperature), torch.add(same, mask)], 1)


def nt_xent(a_embeddings: Tensor, b_embeddings: Tensor, first: int, count: int, temperature: float) -> NtXent:
    """A rank's loss, and its gradient with respect to the embeddings of all ranks, which are not yet of unit length.

    The loss is the mean over the views a plus that over the views b, as in the official code: twice the paper's.
    """
    a_leaf, b_leaf = a_embeddings.detach().requires_grad_(), b_embeddings.detach().requires_grad_()
    a, b = l2_normalize(a_leaf), l2_normalize(b_leaf)
    logits = nt_xent_logits(a, b, first, count, temperature)
    positives = positive_columns(logits, first, count)
    loss = torch.add(
        torch.cross_entropy_loss(logits, positives),
        torch.cross_entropy_loss(nt_xent_logits(b, a, first, count, temperature), positives))
    grads = torch.grad([loss], [a_leaf, b_leaf])
    scores = logits.detach().narrow(1, 0, a.size(0))
    metrics = torch.stack([
        loss.detach(), positive_accuracy(scores, positives, 1), positive_accuracy(scores, positives, 5)])
    return NtXent(metrics, logits.detach(), torch._unwrap_optional(grads[0]), torch._unwrap_optional(grads[1]))
