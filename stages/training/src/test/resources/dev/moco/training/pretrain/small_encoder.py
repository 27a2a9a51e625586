# The encoder of vector 42: two strided convolutions with norms, a mean over cells, and a head of two linear layers.
  def maps(self, images: Tensor, net: List[List[Tensor]], momentum: float, tape: Optional[List[Tensor]]) -> Tensor:
    x = [images]
    for at in range(2):
      self.keep(tape, x)
      x = self.relu(self.norm(self.convolution(x, net, at, 3, 2), net, at, momentum, tape, 1))
    return x[0]

  def encode(self, flat: Tensor, stats: Tensor, images: Tensor, sizes: List[int], arch: List[int], momentum: float, bfloat16: bool) -> Tensor:
    net = self.net(flat, stats, sizes)
    return self.keys(torch.mean(self.maps(images, net, momentum, None), [2, 3]), net[0][2:])

  def keys(self, pooled: Tensor, head: List[Tensor]) -> Tensor:
    inner = torch.relu(torch.linear(pooled, torch.view(head[0], [16, 16]), head[1]))
    return self.unit(torch.linear(inner, torch.view(head[2], [4, 16]), head[3]))

  def recorded(self, flat: Tensor, stats: Tensor, images: Tensor, sizes: List[int], arch: List[int], momentum: float, bfloat16: bool, tape: List[Tensor]) -> List[Tensor]:
    net = self.net(flat, stats, sizes)
    maps = self.maps(images, net, momentum, tape)
    tape.append(maps)
    leaves = annotate(List[Tensor], [])
    for x in [torch.mean(maps, [2, 3])] + net[0][2:]:
      leaves.append(torch.requires_grad_(torch.detach(x)))
    return [self.keys(leaves[0], leaves[1:])] + leaves

  def add_gradient(self, sum: Tensor, loss: Tensor, recorded: List[Tensor], flat: Tensor, stats: Tensor, sizes: List[int], arch: List[int], tape: List[Tensor]) -> int:
    slopes = torch.grad([loss], recorded[1:])
    gradient = self.parameters(sum, sizes)
    for i in range(4):
      torch.add_(gradient[0][2 + i], torch.view(torch._unwrap_optional(slopes[i + 1]), [-1]))
    net = self.net(flat, stats, sizes)
    active = self.take(tape, 1)
    x = [self.spread(torch._unwrap_optional(slopes[0]), active[0])]
    for at in range(1, -1, -1):
      moments = self.take(tape, 2)
      outputs = self.take(tape, 1)
      x = self.norm_slopes(self.relu_slopes(x, active), outputs, net, gradient, at, moments, 1)
      active = self.take(tape, 1)
      x = self.convolution_slopes(x, active, net, gradient, at, 3, 2, at > 0)
    return 0
