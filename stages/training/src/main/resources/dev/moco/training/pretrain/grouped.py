"""An encoder of groups of images, each with batch statistics of its own, one group after another.

The outputs of all groups are computed first, without a backward pass; once the loss has their gradient, each group is
encoded again (gradient caching, arXiv:2101.06983). What is held does not grow with the number of groups.
"""
import torch
from torch import Tensor

from dev.moco.training.resnet.encoder import Encoder, encoder_gradients
from dev.moco.training.resnet.head import encode_backward, project, project_recorded

GROUP_NORM_MOMENTUM = 0.1


def encode_group(encoder: Encoder, images: Tensor) -> Tensor:
    """Outputs of the head, N x D. The batch norms are in train mode."""
    return project(encoder, images, GROUP_NORM_MOMENTUM)


def encode_group_backward(encoder: Encoder, gradient: Tensor, images: Tensor, output_gradient: Tensor) -> Tensor:
    """Adds the parameters' gradient to a flat buffer, given that of the group's outputs.

    The running statistics are updated a second time: the caller passes others than those that are kept.
    """
    recording = project_recorded(encoder, images, GROUP_NORM_MOMENTUM)
    gradients = encoder_gradients(encoder, gradient, False)
    encode_backward(gradients, torch.mul(recording.queries, output_gradient).sum(), recording)
    return gradient
