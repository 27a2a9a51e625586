"""The scalar of vector 41, the sum of <z_i, z_(i+2)> over i = 0, 1 with z of unit length, and its gradient."""
from typing import List

import torch
from torch import Tensor

from dev.moco.training.resnet.encoder import Encoder, encoder_gradients
from dev.moco.training.resnet.head import encode_backward, encode_recorded


def pair_gradient(encoder: Encoder, images: Tensor) -> List[Tensor]:
    recording = encode_recorded(encoder, images, 0.1)
    scalar = torch.mul(recording.queries[:2], recording.queries[2:4]).sum()
    gradient = torch.full_like(encoder.parameters, float("nan"))
    encode_backward(encoder_gradients(encoder, gradient, True), scalar, recording)
    return [scalar.detach(), gradient]
