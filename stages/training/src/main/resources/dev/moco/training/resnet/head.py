# The projection head on a ResNet's pooled features; N images, D numbers a key.
  # Weights and biases of the head's linear layers.
  def head(self, flat: Tensor, sizes: List[int]) -> List[Tensor]:
    return self.parameters(flat, sizes)[0][sizes[1]:]

  # One linear layer (v1), or Linear-ReLU-Linear (v2): N x D.
  def projected(self, features: Tensor, head: List[Tensor]) -> Tensor:
    x = features
    for i in range(0, torch.len(head), 2):
      if i > 0:
        x = torch.relu(x)
      x = torch.linear(x, torch.view(head[i], [-1, torch.size(x, 1)]), head[i + 1])
    return x

  def project(self, flat: Tensor, stats: Tensor, images: Tensor, sizes: List[int], arch: List[int], momentum: float, bfloat16: bool) -> Tensor:
    return self.projected(self.features(flat, stats, images, sizes, arch, momentum, bfloat16), self.head(flat, sizes))

  # Keys or queries of unit length, N x D.
  def encode(self, flat: Tensor, stats: Tensor, images: Tensor, sizes: List[int], arch: List[int], momentum: float, bfloat16: bool) -> Tensor:
    return self.unit(self.project(flat, stats, images, sizes, arch, momentum, bfloat16))

  # [what encode returns, recorded by autograd from here on: the pooled features, the head's parameters].
  def recorded(self, flat: Tensor, stats: Tensor, images: Tensor, sizes: List[int], arch: List[int], momentum: float, bfloat16: bool, tape: List[Tensor]) -> List[Tensor]:
    maps = self.maps(self.input(images, flat, bfloat16), self.cast_net(flat, stats, sizes, bfloat16), arch, momentum, tape)
    leaves = annotate(List[Tensor], [])
    for x in [self.pooled(maps, flat)] + self.head(flat, sizes):
      leaves.append(torch.requires_grad_(torch.detach(x)))
    return [self.unit(self.projected(leaves[0], leaves[1:]))] + leaves

  # Adds the gradient of a loss of what `recorded` returned to a buffer as long as flat; uses up the tape.
  def add_gradient(self, sum: Tensor, loss: Tensor, recorded: List[Tensor], flat: Tensor, stats: Tensor, sizes: List[int], arch: List[int], tape: List[Tensor]) -> int:
    slopes = torch.grad([loss], recorded[1:])
    gradient = self.parameters(sum, sizes)
    head = gradient[0][sizes[1]:]
    for i in range(torch.len(head)):
      torch.add_(head[i], torch.view(torch._unwrap_optional(slopes[i + 1]), [-1]))
    net = self.cast_net(flat, stats, sizes, self.last(tape, 1)[0].dtype == 15)
    return self.maps_slopes(torch._unwrap_optional(slopes[0]), net, gradient, arch, tape)
