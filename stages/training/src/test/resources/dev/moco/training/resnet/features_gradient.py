# [features, gradient of their sum with each multiplied by its number in `directions`].
  def featuresGradient(self, flat: Tensor, stats: Tensor, images: Tensor, directions: Tensor, sizes: List[int], arch: List[int], momentum: float) -> List[Tensor]:
    leaf = torch.requires_grad_(torch.detach(flat))
    features = self.features(leaf, stats, images, sizes, arch, momentum, False)
    scalar = torch.sum(torch.mul(features, directions))
    return [torch.detach(features), torch._unwrap_optional(torch.grad([scalar], [leaf])[0])]
