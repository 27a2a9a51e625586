# A linear classifier on features, N x C. flat: its weight (classes x C), then its bias.
  def scores(self, flat: Tensor, features: Tensor) -> Tensor:
    classes = torch.floordiv(torch.size(flat, 0), torch.size(features, 1) + 1)
    parts = torch.split_with_sizes(flat, [classes * torch.size(features, 1), classes])
    return torch.linear(features, torch.view(parts[0], [classes, -1]), parts[1])

  # [loss, top-1, top-5]: means over the images, shares of them.
  def figures(self, scores: Tensor, labels: Tensor) -> Tensor:
    right = torch.gather(scores, 1, torch.unsqueeze(labels, 1))
    # Every score above the right one is an answer before it.
    before = torch.sum(torch.gt(scores, right), [1])
    loss = torch.cross_entropy_loss(scores, labels)
    first = torch.mean(torch.to(torch.lt(before, 1), scores.dtype))
    five = torch.mean(torch.to(torch.lt(before, 5), scores.dtype))
    return torch.stack([torch.detach(loss), first, five])

  def judge(self, flat: Tensor, features: Tensor, labels: Tensor) -> Tensor:
    return self.figures(self.scores(flat, features), labels)

  # A step of SGD in place; figures are those before it.
  def train(self, flat: Tensor, velocity: Tensor, features: Tensor, labels: Tensor, rate: float, inertia: float, decay: float) -> Tensor:
    leaf = torch.requires_grad_(torch.detach(flat))
    scores = self.scores(leaf, features)
    gradient = torch._unwrap_optional(torch.grad([torch.cross_entropy_loss(scores, labels)], [leaf])[0])
    figures = self.figures(torch.detach(scores), labels)
    self.descend(flat, velocity, gradient, torch.size(flat, 0), rate, inertia, decay)
    return figures
