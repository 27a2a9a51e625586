# torch.optim.SGD without Nesterov or dampening, on flat buffers and in place: the rate multiplies the velocity when it
# is applied, so a fallen rate takes effect at once. The first `decayed` parameters decay.
  def descend(self, flat: Tensor, velocity: Tensor, gradient: Tensor, decayed: int, rate: float, inertia: float, decay: float) -> Tensor:
    torch.add_(torch.slice(gradient, 0, 0, decayed, 1), torch.slice(flat, 0, 0, decayed, 1), alpha=decay)
    torch.add_(torch.mul_(velocity, inertia), gradient)
    return torch.add_(flat, velocity, alpha=-rate)
