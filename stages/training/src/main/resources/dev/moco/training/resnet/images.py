  # Bytes N x H x W x 3 become ImageNet-normalised N x 3 x H x W in the type of `like`, channels last in memory; images
  # of another type are taken as normalised.
  def normalize(self, images: Tensor, like: Tensor) -> Tensor:
    if torch.eq(images.dtype, 0):
      x = torch.div(torch.to(torch.permute(images, [0, 3, 1, 2]), like.dtype), 255.)
      means = torch.view(torch.tensor([0.485, 0.456, 0.406], dtype=like.dtype, device=like.device), [1, 3, 1, 1])
      deviations = torch.view(torch.tensor([0.229, 0.224, 0.225], dtype=like.dtype, device=like.device), [1, 3, 1, 1])
      return torch.div(torch.sub(x, means), deviations)
    return images
