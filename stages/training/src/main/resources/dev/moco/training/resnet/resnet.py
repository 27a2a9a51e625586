# ResNets as torchvision's, as TorchScript. R ranks run in lockstep in one graph, a tensor a rank in each list.
#
# flat: all parameters in one buffer: weights in order of use, then the norms' gammas, then their betas.
# stats: running means of all norms, then running variances.
# net: [weights, gammas, betas, means, variances], a convolution and its norm at the same index.
# sizes: number of weights, number of norms, then numbers in each weight, then channels of each norm.
# arch: 1 for bottlenecks, 1 for torchvision's stem, blocks of layer1 to layer4.
# momentum: weight of the batch in the running statistics; below 0 for evaluation with those statistics.
  def net(self, flat: Tensor, stats: Tensor, sizes: List[int]) -> List[List[Tensor]]:
    norms = sizes[2 + sizes[0]:]
    parameters = torch.split_with_sizes(flat, sizes[2:] + norms)
    statistics = torch.split_with_sizes(stats, norms + norms)
    weights = sizes[0]
    gammas = weights + sizes[1]
    return [parameters[:weights], parameters[weights:gammas], parameters[gammas:], statistics[:sizes[1]], statistics[sizes[1]:]]

  # Statistics over the ranks with equal weight, as detectron2's NaiveSyncBatchNorm: the running variance takes the
  # biased one. One rank is torch's batch norm, whose running variance takes the unbiased one.
  def norm(self, inputs: List[Tensor], net: List[List[Tensor]], at: int, momentum: float) -> List[Tensor]:
    gamma, beta, mean, variance = net[1][at], net[2][at], net[3][at], net[4][at]
    out = annotate(List[Tensor], [])
    if momentum < 0. or torch.len(inputs) == 1:
      for x in inputs:
        out.append(torch.batch_norm(x, gamma, beta, mean, variance, momentum >= 0., momentum, 1.0e-05, True))
    else:
      first = torch.zeros_like(mean)
      second = torch.zeros_like(mean)
      for x in inputs:
        y = torch.to(x, mean.dtype)
        first = first + torch.mean(y, [0, 2, 3]) / torch.len(inputs)
        second = second + torch.mean(y * y, [0, 2, 3]) / torch.len(inputs)
      biased = second - first * first
      torch.add_(torch.mul_(mean, 1. - momentum), torch.detach(first), alpha=momentum)
      torch.add_(torch.mul_(variance, 1. - momentum), torch.detach(biased), alpha=momentum)
      scale = gamma * torch.rsqrt(biased + 1.0e-05)
      shift = beta - first * scale
      for x in inputs:
        y = torch.to(x, mean.dtype) * torch.view(scale, [1, -1, 1, 1]) + torch.view(shift, [1, -1, 1, 1])
        out.append(torch.to(y, x.dtype))
    return out

  def convolution(self, inputs: List[Tensor], net: List[List[Tensor]], at: int, kernel: int, stride: int, momentum: float) -> List[Tensor]:
    out = annotate(List[Tensor], [])
    for x in inputs:
      weight = torch.to(torch.view(net[0][at], [-1, torch.size(x, 1), kernel, kernel]), x.dtype)
      padding = torch.floordiv(kernel, 2)
      out.append(torch.conv2d(x, weight, None, [stride, stride], [padding, padding], [1, 1], 1))
    return self.norm(out, net, at, momentum)

  def relu(self, inputs: List[Tensor]) -> List[Tensor]:
    out = annotate(List[Tensor], [])
    for x in inputs:
      out.append(torch.relu(x))
    return out

  def block(self, inputs: List[Tensor], net: List[List[Tensor]], at: int, stride: int, bottleneck: bool, project: bool, momentum: float) -> List[Tensor]:
    if bottleneck:
      inner = self.relu(self.convolution(inputs, net, at, 1, 1, momentum))
      inner = self.relu(self.convolution(inner, net, at + 1, 3, stride, momentum))
      inner = self.convolution(inner, net, at + 2, 1, 1, momentum)
    else:
      inner = self.relu(self.convolution(inputs, net, at, 3, stride, momentum))
      inner = self.convolution(inner, net, at + 1, 3, 1, momentum)
    shortcut = inputs
    if project:
      shortcut = self.convolution(inputs, net, at + (3 if bottleneck else 2), 1, stride, momentum)
    out = annotate(List[Tensor], [])
    for i in range(torch.len(inner)):
      out.append(torch.relu(inner[i] + shortcut[i]))
    return out

  # layer1 to layer4 of torchvision's ResNet (level 0 to 3), whose first convolution is at an index.
  def layer(self, inputs: List[Tensor], net: List[List[Tensor]], at: int, level: int, arch: List[int], momentum: float) -> List[Tensor]:
    bottleneck = arch[0] == 1
    convolutions = 3 if bottleneck else 2
    project = bottleneck or level > 0
    out = self.block(inputs, net, at, 1 if level == 0 else 2, bottleneck, project, momentum)
    at = at + convolutions + (1 if project else 0)
    for i in range(arch[2 + level] - 1):
      out = self.block(out, net, at, 1, bottleneck, False, momentum)
      at = at + convolutions
    return out

  # Index of the first convolution after the stem and the first `levels` layers.
  def after(self, levels: int, arch: List[int]) -> int:
    at = 1
    for level in range(levels):
      at = at + arch[2 + level] * (3 if arch[0] == 1 else 2) + (1 if arch[0] == 1 or level > 0 else 0)
    return at

  # First convolution, and the max pool of torchvision's stem.
  def stem(self, images: List[Tensor], net: List[List[Tensor]], arch: List[int], momentum: float) -> List[Tensor]:
    features = self.relu(self.convolution(images, net, 0, 7 if arch[1] == 1 else 3, 2, momentum))
    if arch[1] == 1:
      pooled = annotate(List[Tensor], [])
      for x in features:
        pooled.append(torch.max_pool2d(x, [3, 3], [2, 2], [1, 1], [1, 1], False))
      features = pooled
    return features

  # Rows of length 1; rows of zeros stay.
  def unit(self, x: Tensor) -> Tensor:
    return torch.div(x, torch.clamp_min(torch.linalg_vector_norm(x, 2, [1], True), 1.0e-12))
