# Outputs of the first convolution and its norm, of the stem and of layer1 to layer4, then the pooled features as cells.
  def everyMap(self, flat: Tensor, stats: Tensor, images: Tensor, sizes: List[int], arch: List[int], momentum: float) -> List[Tensor]:
    net = self.net(flat, stats, sizes)
    convolved = self.convolution([images], net, 0, self.stem_kernel(arch), 2)
    normed = self.norm(convolved, net, 0, momentum, None, 2)
    pooled = self.features(flat, stats, images, sizes, arch, momentum, False)
    stages = self.stages(flat, stats, images, sizes, arch, momentum)
    return convolved + normed + stages + [torch.unsqueeze(torch.unsqueeze(pooled, 2), 3)]
