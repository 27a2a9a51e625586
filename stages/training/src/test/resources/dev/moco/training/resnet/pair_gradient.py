# [scalar, its gradient]: the scalar of vector 41, the sum of <z_i, z_(i+2)> over i = 0, 1 with z of unit length.
  def pairGradient(self, flat: Tensor, stats: Tensor, images: Tensor, sizes: List[int], arch: List[int]) -> List[Tensor]:
    leaf = torch.requires_grad_(torch.detach(flat))
    z = self.encode(leaf, stats, images, sizes, arch, 0.1, False)
    scalar = torch.sum(torch.mul(torch.slice(z, 0, 0, 2), torch.slice(z, 0, 2, 4)))
    return [torch.detach(scalar), torch._unwrap_optional(torch.grad([scalar], [leaf])[0])]
