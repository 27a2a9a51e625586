"""Gradients of the parameters, in a flat buffer like theirs."""
from typing import List, NamedTuple

import torch
from torch import Tensor


class Gradients(NamedTuple):
    """A flat buffer, to which a backward pass writes the gradient of each parameter."""
    total: Tensor  # flat
    replaces: bool  # gradients take the place of what the buffer holds, so only of one rank; otherwise they are added
    pending: List[Tensor]  # gradients that are not written yet, flat
    places: List[Tensor]  # parts of the buffer that they belong to


def gradients_into(total: Tensor, parameters: Tensor, replaces: bool) -> Gradients:
    """parameters: the whole flat buffer, of which those that gradients are written for are views."""
    assert parameters.storage_offset() == 0
    pending: List[Tensor] = []
    places: List[Tensor] = []
    return Gradients(total, replaces, pending, places)


def write_gradient(gradients: Gradients, parameter: Tensor, gradient: Tensor) -> int:
    """Writes the gradient of a parameter, a view of the flat buffer or of a copy of its beginning.

    A GPU takes longer to start a kernel than to write most gradients, so they wait there for write_pending; on a CPU
    they would need memory meanwhile.
    """
    place = gradients.total.narrow(0, parameter.storage_offset(), gradient.numel())
    if gradient.is_cuda and gradient.is_contiguous():
        gradients.pending.append(gradient.view([-1]))
        gradients.places.append(place)
    elif gradients.replaces:
        place.view_as(gradient).copy_(gradient)
    else:
        place.view_as(gradient).add_(gradient)
    return 0


def write_pending(gradients: Gradients) -> int:
    """Ends a backward pass."""
    if len(gradients.pending) > 0:
        if gradients.replaces:
            torch._foreach_copy_(gradients.places, gradients.pending)
        else:
            torch._foreach_add_(gradients.places, gradients.pending)
        gradients.pending.clear()
        gradients.places.clear()
    return 0
