"""torch.optim.SGD without dampening (docs/method.md §1.5), on flat buffers and in place."""
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


def nesterov_step(
    parameters: Tensor,
    velocity: Tensor,
    gradient: Tensor,
    learning_rate: float,
    momentum: float,
    weight_decay: float,
) -> Tensor:
    """As sgd_step, but the velocity is applied as it will be after the next step with the same gradient."""
    gradient.add_(parameters, alpha=weight_decay)
    velocity.mul_(momentum).add_(gradient)
    return parameters.add_(gradient.add_(velocity, alpha=momentum), alpha=-learning_rate)
