"""A function without a return type for a test."""
from torch import Tensor


def no_return_type(x: Tensor):
    return x.relu()
