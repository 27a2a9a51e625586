# Gradient of the loss with respect to queries that are not yet of unit length.
  def queryGradient(self, raw: Tensor, keys: Tensor, queue: Tensor, temperature: float) -> Tensor:
    leaf = torch.requires_grad_(torch.detach(raw))
    loss = self.loss(self.logits(self.unit(leaf), keys, queue, temperature))
    return torch._unwrap_optional(torch.grad([loss], [leaf])[0])
