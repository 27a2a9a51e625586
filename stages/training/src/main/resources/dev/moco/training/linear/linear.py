"""A linear classifier on frozen features, N x C (docs/method.md §2).

Its parameters lie in one flat buffer: the weight (classes x C), then the bias.
"""
import torch
from torch import Tensor

from dev.moco.training.resnet.sgd import nesterov_step, sgd_step


def class_scores(parameters: Tensor, features: Tensor) -> Tensor:
    """Scores, N x classes."""
    classes = parameters.size(0) // (features.size(1) + 1)
    weight, bias = torch.split_with_sizes(parameters, [classes * features.size(1), classes])
    return torch.linear(features, weight.view([classes, -1]), bias)


def classification_metrics(scores: Tensor, labels: Tensor) -> Tensor:
    """Mean loss, then top-1 and top-5 accuracy as shares of the images."""
    of_label = torch.gather(scores, 1, labels.unsqueeze(1))
    higher = torch.gt(scores, of_label).sum([1])
    loss = torch.cross_entropy_loss(scores, labels)
    top1 = torch.lt(higher, 1).to(scores.dtype).mean()
    top5 = torch.lt(higher, 5).to(scores.dtype).mean()
    return torch.stack([loss.detach(), top1, top5])


def evaluate(parameters: Tensor, features: Tensor, labels: Tensor) -> Tensor:
    """Metrics of a batch."""
    return classification_metrics(class_scores(parameters, features), labels)


def predict(parameters: Tensor, features: Tensor) -> Tensor:
    """Class with the highest score of each image."""
    return class_scores(parameters, features).argmax(1)


def train_step(
    parameters: Tensor,
    velocity: Tensor,
    features: Tensor,
    labels: Tensor,
    learning_rate: float,
    momentum: float,
    weight_decay: float,
    nesterov: bool,
) -> Tensor:
    """A step of SGD in place, with or without Nesterov momentum. Returns the metrics before it."""
    leaf = parameters.detach().requires_grad_()
    scores = class_scores(leaf, features)
    gradient = torch._unwrap_optional(torch.grad([torch.cross_entropy_loss(scores, labels)], [leaf])[0])
    metrics = classification_metrics(scores.detach(), labels)
    if nesterov:
        nesterov_step(parameters, velocity, gradient, learning_rate, momentum, weight_decay)
    else:
        sgd_step(parameters, velocity, gradient, parameters.size(0), learning_rate, momentum, weight_decay)
    return metrics
