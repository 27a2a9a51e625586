  # Bytes N x H x W x 3 become ImageNet-normalised N x 3 x H x W in the type of `like`, channels last in memory; images
  # of another type are taken as normalised.
  def normalize(self, images: Tensor, like: Tensor) -> Tensor:
    if torch.eq(images.dtype, 0):
      x = torch.div(torch.to(torch.permute(images, [0, 3, 1, 2]), like.dtype), 255.)
      return torch.div(torch.sub(x, self.channels([0.485, 0.456, 0.406], like)), self.channels([0.229, 0.224, 0.225], like))
    return images

  # A number a channel. torch.tensor would round it to float32 on its way to any type.
  def channels(self, values: List[float], like: Tensor) -> Tensor:
    out = annotate(List[Tensor], [])
    for value in values:
      out.append(torch.full([1], value, dtype=like.dtype, device=like.device))
    return torch.view(torch.cat(out, 0), [1, -1, 1, 1])
