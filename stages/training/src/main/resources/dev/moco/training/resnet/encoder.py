# A ResNet and its projection head; N images, D numbers a key.
  # Outputs of the stem and of layer1 to layer4, each N x channels x height x width.
  def stages(self, flat: Tensor, stats: Tensor, images: Tensor, sizes: List[int], arch: List[int], momentum: float) -> List[Tensor]:
    net = self.net(flat, stats, sizes)
    x = self.stem([images], net, arch, momentum)
    out = [x[0]]
    for level in range(4):
      x = self.layer(x, net, self.after(level, arch), level, arch, momentum)
      out.append(x[0])
    return out

  # Pooled features, N x C, in the parameters' precision.
  def features(self, flat: Tensor, stats: Tensor, images: Tensor, sizes: List[int], arch: List[int], momentum: float, bfloat16: bool) -> Tensor:
    net = self.net(flat, stats, sizes)
    input = self.normalize(images, flat)
    x = self.stem([torch.to(input, 15) if bfloat16 else input], net, arch, momentum)
    for level in range(4):
      x = self.layer(x, net, self.after(level, arch), level, arch, momentum)
    return torch.to(torch.mean(x[0], [2, 3]), flat.dtype)

  # Output of the projection head, N x D: one linear layer (v1), or Linear-ReLU-Linear (v2).
  def project(self, flat: Tensor, stats: Tensor, images: Tensor, sizes: List[int], arch: List[int], momentum: float, bfloat16: bool) -> Tensor:
    x = self.features(flat, stats, images, sizes, arch, momentum, bfloat16)
    net = self.net(flat, stats, sizes)
    at = self.after(4, arch)
    while at < torch.len(net[0]):
      x = torch.linear(x, torch.view(net[0][at], [-1, torch.size(x, 1)]), net[0][at + 1])
      at = at + 2
      if at < torch.len(net[0]):
        x = torch.relu(x)
    return x

  # Keys or queries of unit length, N x D.
  def encode(self, flat: Tensor, stats: Tensor, images: Tensor, sizes: List[int], arch: List[int], momentum: float, bfloat16: bool) -> Tensor:
    return self.unit(self.project(flat, stats, images, sizes, arch, momentum, bfloat16))
