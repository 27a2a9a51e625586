"""Gradient of the features whose RoIAlign is summed."""
from typing import List

from torch import Tensor

from dev.moco.training.detect.detector import gradients_of, leaves_of
from dev.moco.training.detect.roi_align import roi_align


def align_gradient(features: Tensor, regions: Tensor, scale: float, cells: List[int], sampling: int) -> Tensor:
    leaves = leaves_of([features])
    return gradients_of(roi_align(leaves[0], regions, scale, cells, sampling).sum(), [], [], leaves)[0]
