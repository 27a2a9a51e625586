# [features, gradient of their sum with each multiplied by its number in `directions`], norms in train mode.
  def featuresGradient(self, flat: Tensor, stats: Tensor, images: Tensor, directions: Tensor, sizes: List[int], arch: List[int]) -> List[Tensor]:
    tape = annotate(List[Tensor], [])
    net = self.net(flat, stats, sizes)
    maps = self.maps(self.input(images, flat, False), net, arch, 0.1, tape)
    out = torch.zeros_like(flat)
    self.maps_slopes(directions, net, self.parameters(out, sizes), arch, tape)
    return [self.pooled(maps, flat), out]
