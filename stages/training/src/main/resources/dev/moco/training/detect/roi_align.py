"""RoIAlign as torchvision's, aligned (docs/method.md §3.2), by matrix products.

Shapes: N images, H x W cells of the features, K regions.
"""
from typing import List

import torch
from torch import Tensor

# Numbers between the two products of one chunk of regions: 256 MB in float32.
ROI_ALIGN_CHUNK = 67108864


def interpolation_weights(low: Tensor, high: Tensor, scale: float, cells: int, sampling: int, length: int) -> Tensor:
    """Weights along an axis, K x cells x length: the mean over a cell's sample points of bilinear interpolation.

    Bilinear interpolation weighs by the hat function. Aligned: half a cell is subtracted. A point more than a cell
    outside of the features counts as zero. sampling: points in each cell, 0 for ceil(side of the cell).
    """
    start = (low * scale - 0.5).view([-1, 1, 1])
    side = ((high - low) * scale).view([-1, 1, 1]) / cells
    points = torch.ceil(side) if sampling == 0 else torch.full_like(side, sampling)
    most = max(int(torch.max(points)), 1)
    cell = torch.arange(cells, dtype=low.dtype, device=low.device).view([1, -1, 1])
    point = torch.arange(most, dtype=low.dtype, device=low.device).view([1, 1, -1])
    count = torch.clamp(points, 1)
    position = start + cell * side + (point + 0.5) * side / count
    counts = ((point < points) & (position >= -1) & (position <= length)).to(low.dtype)
    position = torch.clamp(position, 0, length - 1).unsqueeze(-1)
    grid = torch.arange(length, dtype=low.dtype, device=low.device)
    weights = torch.relu(1. - torch.abs(position - grid)) * counts.unsqueeze(-1)
    return weights.sum([2]) / count


def roi_align_image(features: Tensor, boxes: Tensor, scale: float, cells: List[int], sampling: int) -> List[Tensor]:
    """RoIAlign of one image's features (channels x H x W): chunks of K x cells x cells x channels.

    Two matrix products, along rows and then along columns, both in the type of the boxes, as small products in bfloat16
    are slow. RoIAlign is linear in the features, so only the small weights are saved for the backward pass.
    """
    channels, height, width = features.size(0), features.size(1), features.size(2)
    rows, columns = cells
    lines = features.permute([1, 2, 0]).reshape([height, width * channels]).to(boxes.dtype)
    chunk = max(ROI_ALIGN_CHUNK // (rows * channels * width), 1)
    out: List[Tensor] = []
    for part in torch.split(boxes, chunk):
        count = part.size(0)
        down = interpolation_weights(part.select(1, 1), part.select(1, 3), scale, rows, sampling, height)
        across = interpolation_weights(part.select(1, 0), part.select(1, 2), scale, columns, sampling, width)
        by_row = torch.matmul(down.view([count * rows, height]), lines).view([count, rows, width, channels])
        out.append(torch.matmul(across.unsqueeze(1), by_row).to(features.dtype))
    return out


def roi_align(features: Tensor, regions: Tensor, scale: float, cells: List[int], sampling: int) -> Tensor:
    """RoIAlign of features N x channels x H x W: K x channels x cells, channels last in memory.

    regions: K x 5 (image, x1, y1, x2, y2), images ascending.
    """
    out: List[Tensor] = []
    for image in range(features.size(0)):
        of_image = torch.nonzero(torch.eq(regions.select(1, 0), image)).reshape([-1])
        boxes = torch.index_select(regions, 0, of_image)
        if boxes.size(0) > 0:
            for part in roi_align_image(features.select(0, image), boxes.narrow(1, 1, 4), scale, cells, sampling):
                out.append(part)
    return torch.cat(out, 0).permute([0, 3, 1, 2])
