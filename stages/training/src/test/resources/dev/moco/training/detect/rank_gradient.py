# Gradient of the sum of a rank's objectness logits.
  def rankGradient(self, flat: Tensor, stats: Tensor, images: List[Tensor], rank: int, sizes: List[int], arch: List[int]) -> Tensor:
    ranks = torch.len(images)
    tape = self.trunk(flat, stats, images, sizes, arch, 0.1, False, True)
    net = self.net(flat, stats, sizes)
    sum = torch.zeros_like(flat)
    gradient = self.parameters(sum, sizes)
    heads = self.leaves(self.heads(net, arch)[:6])
    maps = self.leaves(tape[:ranks])
    logits = self.proposed(maps, heads, flat)
    outputs = annotate(List[Tensor], [])
    for i in range(2 * ranks):
      outputs.append(torch.sum(logits[i]) * (1. if i == rank else 0.))
    slopes = self.slopes(torch.sum(torch.stack(outputs)), [], [], maps + heads)
    self.add_flat(self.heads(gradient, arch), slopes[ranks:])
    self.trunk_slopes(slopes[:ranks], net, gradient, arch, tape[3 * ranks:])
    return sum
