"""Cross-entropy of class scores, N x classes, over a rank's images."""
from typing import NamedTuple

import torch
from torch import Tensor

from dev.moco.training.pretrain.positives import positive_accuracy


class CrossEntropy(NamedTuple):
    metrics: Tensor  # loss, top-1 and top-5 accuracy: means over the rank
    gradient: Tensor  # of the mean loss with respect to the scores


def cross_entropy(scores: Tensor, labels: Tensor) -> CrossEntropy:
    leaf = scores.detach().requires_grad_()
    loss = torch.cross_entropy_loss(leaf, labels)
    gradient = torch._unwrap_optional(torch.grad([loss], [leaf])[0])
    metrics = torch.stack([
        loss.detach(), positive_accuracy(scores, labels, 1), positive_accuracy(scores, labels, 5)])
    return CrossEntropy(metrics, gradient)
