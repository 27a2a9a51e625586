# Slopes of the parameters of a network whose outputs are weighed and summed.
  def networkGradient(self, flat: Tensor, stats: Tensor, images: Tensor, sizes: List[int], arch: List[int], spare: int) -> Tensor:
    net = self.net(flat, stats, sizes)
    tape = annotate(List[Tensor], [])
    x = self.stem([images], net, arch, 0.1, tape, spare)
    for level in range(4):
      x = self.layer(x, net, level, arch, 0.1, tape, spare)
    sum = torch.zeros_like(flat)
    gradient = self.parameters(sum, sizes)
    slopes = [torch.cos(x[0])]
    for level in range(3, -1, -1):
      slopes = self.layer_slopes(slopes, net, gradient, level, arch, tape, spare)
    self.stem_slopes(slopes, net, gradient, arch, tape, spare)
    return torch.cat([sum, stats], 0)
