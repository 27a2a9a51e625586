"""torch.optim.SGD without Nesterov momentum or dampening (docs/method.md §1.5), on flat buffers and in place."""
from torch import Tensor


def sgd_step(
    parameters: Tensor,
    velocity: Tensor,
    gradient: Tensor,
    decayed: int,
    learning_rate: float,
    momentum: float,
    weight_decay: float,
) -> Tensor:
    """Weight decay applies to the first parameters, as many as decayed says; it is added to the gradient.

    The velocity is multiplied by the learning rate when it is applied, so that a drop of the rate takes effect at once.
    """
    gradient[:decayed].add_(parameters[:decayed], alpha=weight_decay)
    velocity.mul_(momentum).add_(gradient)
    return parameters.add_(velocity, alpha=-learning_rate)
