  def right(self, x: Tensor) -> Tensor:
    return torch.relu(x)
