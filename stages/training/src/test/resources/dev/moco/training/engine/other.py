from typing import NamedTuple

from torch import Tensor

SCALE = 5


class Pair(NamedTuple):
    """A NamedTuple with a docstring, which TorchScript does not know."""
    first: Tensor
    second: Tensor  # and a comment
