# A ResNet's outputs and pooled features; N images.
  # Outputs of the stem and of layer1 to layer4, each N x channels x height x width.
  def stages(self, flat: Tensor, stats: Tensor, images: Tensor, sizes: List[int], arch: List[int], momentum: float) -> List[Tensor]:
    net = self.net(flat, stats, sizes)
    x = self.stem([images], net, arch, momentum, None, 2)
    out = x[:]
    for level in range(4):
      x = self.layer(x, net, level, arch, momentum, None, 2)
      out = out + x
    return out

  # The outputs of layer1 and layer2 are the largest; those of layer2 fit in bfloat16. On a GPU nothing is spared: memory
  # is there, and what would be computed again is bound by its bandwidth.
  def spared(self, level: int, x: Tensor) -> int:
    if x.is_cuda:
      return 0
    return 2 if level < (1 if x.dtype == 15 else 2) else 1

  # Output of layer4 for images as `input` makes them.
  def maps(self, images: Tensor, net: List[List[Tensor]], arch: List[int], momentum: float, tape: Optional[List[Tensor]]) -> Tensor:
    x = self.stem([images], net, arch, momentum, tape, self.spared(0, images))
    for level in range(4):
      x = self.layer(x, net, level, arch, momentum, tape, self.spared(level, x[0]))
    return x[0]

  # From the slopes of the pooled features (N x C), which the maps at the end of the tape had.
  def maps_slopes(self, slopes: Tensor, net: List[List[Tensor]], gradient: List[List[Tensor]], arch: List[int], tape: List[Tensor]) -> int:
    x = [self.spread(slopes, self.last(tape, 1)[0])]
    for level in range(3, -1, -1):
      x = self.layer_slopes(x, net, gradient, level, arch, tape, self.spared(level, x[0]))
    return self.stem_slopes(x, net, gradient, arch, tape, self.spared(0, x[0]))

  # The network, whose weights are cast at once to the type that it computes in.
  def cast_net(self, flat: Tensor, stats: Tensor, sizes: List[int], bfloat16: bool) -> List[List[Tensor]]:
    net = self.net(flat, stats, sizes)
    if bfloat16:
      net[0] = self.parameters(torch.to(flat, 15), sizes)[0]
    return net

  # Images in the type that the encoder computes in.
  def input(self, images: Tensor, flat: Tensor, bfloat16: bool) -> Tensor:
    normalized = self.normalize(images, flat)
    return torch.to(normalized, 15) if bfloat16 else normalized

  # Means over cells in the parameters' type, N x C.
  def pooled(self, maps: Tensor, flat: Tensor) -> Tensor:
    return torch.to(torch.mean(maps, [2, 3]), flat.dtype)

  # Pooled features.
  def features(self, flat: Tensor, stats: Tensor, images: Tensor, sizes: List[int], arch: List[int], momentum: float, bfloat16: bool) -> Tensor:
    return self.pooled(self.maps(self.input(images, flat, bfloat16), self.cast_net(flat, stats, sizes, bfloat16), arch, momentum, None), flat)
