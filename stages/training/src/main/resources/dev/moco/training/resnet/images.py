"""Input of the encoders."""
from typing import List

import torch
from torch import Tensor


def normalize_images(images: Tensor, like: Tensor) -> Tensor:
    """Bytes N x H x W x 3 normalized by ImageNet's mean and standard deviation (docs/method.md §1.6).

    Returns N x 3 x H x W in the type of like, channels last in memory. Images of another type than uint8 are normalized
    already and returned as they are.
    """
    if images.dtype == torch.uint8:
        x = torch.div(images.permute([0, 3, 1, 2]).to(like.dtype), 255.)
        mean = per_channel_values([0.485, 0.456, 0.406], like)
        std = per_channel_values([0.229, 0.224, 0.225], like)
        return torch.div(torch.sub(x, mean), std)
    return images


def per_channel_values(values: List[float], like: Tensor) -> Tensor:
    """One number for each channel. torch.tensor would round it to float32 on its way to any type."""
    out: List[Tensor] = []
    for value in values:
        out.append(torch.full([1], value, dtype=like.dtype, device=like.device))
    return torch.cat(out, 0).view([1, -1, 1, 1])
