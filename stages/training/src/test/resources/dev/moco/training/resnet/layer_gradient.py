# Slopes of the parameters, then of the inputs, of a layer whose outputs are summed.
  def layerGradient(self, flat: Tensor, stats: Tensor, x: Tensor, sizes: List[int], arch: List[int], level: int, spare: int) -> Tensor:
    net = self.net(flat, stats, sizes)
    tape = [x]
    out = self.layer([x], net, level, arch, 0.1, tape, spare)
    sum = torch.zeros_like(flat)
    slopes = self.layer_slopes([torch.ones_like(out[0])], net, self.parameters(sum, sizes), level, arch, tape, spare)
    return torch.cat([sum, torch.reshape(slopes[0], [-1])], 0)
