# A mistake for a test.
  def wrong(self, x: Tensor) -> Tensor:
    return torch.nothing(x)
