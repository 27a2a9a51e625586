"""A batch norm whose parameters are the whole buffer."""
from typing import List

from torch import Tensor

from dev.moco.training.resnet.batch_norm import BatchNorm, batch_norm_forward
from dev.moco.training.resnet.tape import RECOMPUTE_CONVOLUTIONS


def batch_norm_alone(parameters: Tensor, statistics: Tensor, inputs: List[Tensor], momentum: float) -> List[Tensor]:
    channels = inputs[0].size(1)
    norm = BatchNorm(parameters[:channels], parameters[channels:], statistics[:channels], statistics[channels:])
    return batch_norm_forward(inputs, norm, momentum, None, RECOMPUTE_CONVOLUTIONS)
