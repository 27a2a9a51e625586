# The views of pre-training, byte for byte those of the host (docs/method.md §1.7-1.10): in whole numbers, or in the floating
# point that Pillow uses. Nothing is divided by a plain number: CUDA would multiply by its inverse, which rounds
# otherwise.
#
# Shapes: N images, S x S pixels a view; images are bytes, rows x columns x 3. Lists of images hold positions in the N.
  def chosen(self, x: Tensor, images: List[int]) -> Tensor:
    return torch.tensor(images, dtype=4, device=x.device)

  # Pillow's mode L, N x S x S x 1.
  def luma(self, x: Tensor) -> Tensor:
    red, green, blue, = torch.split(torch.to(x, 3), 1, 3)
    return torch.bitwise_right_shift(red * 19595 + green * 38470 + blue * 7471 + 32768, 16)

  # Brightness, contrast and saturation are one blend, with black, the mean luma or each pixel's own; blends 3 x N: the
  # image's weight, and the shares of mean and luma in what it is blended with. A weight of 1 changes nothing.
  def blend(self, x: Tensor, blends: Tensor) -> Tensor:
    weight, of_mean, of_luma, = torch.unbind(torch.view(blends, [3, -1, 1, 1, 1]), 0)
    luma = self.luma(x)
    pixels = torch.size(x, 1) * torch.size(x, 2)
    mean = torch.floor_divide(torch.sum(luma, [1, 2, 3], True, dtype=4) * 2 + pixels, 2 * pixels)
    degenerate = mean * of_mean + luma * of_luma
    blended = degenerate + weight * (torch.to(x, 6) - degenerate)
    return torch.to(torch.clamp(blended, 0, 255), 0)

  # Pixels by a table of all 2^24.
  def look_up(self, x: Tensor, table: Tensor) -> Tensor:
    first, second, third, = torch.split(torch.to(x, 3), 1, 3)
    at = torch.reshape(first * 65536 + second * 256 + third, [-1])
    return torch.view(torch.index_select(table, 0, at), torch.size(x))

  # Bytes wrap around, as the circle of hues does.
  def turn(self, x: Tensor, turns: Tensor, tables: List[Tensor]) -> Tensor:
    hue, saturation, value, = torch.split(self.look_up(x, tables[0]), 1, 3)
    hue = hue + torch.view(torch.to(turns, 0), [-1, 1, 1, 1])
    return self.look_up(torch.cat([hue, saturation, value], 3), tables[1])

  # The four adjustments in each image's own order: blends 4 x 3 x N by position; turned: the images whose hue is turned
  # at position 0, then those at 1, ..., which end in the list at `ends`, with their turns.
  def jitter(self, x: Tensor, blends: Tensor, turned: List[int], turns: List[int], ends: List[int], tables: List[Tensor]) -> Tensor:
    images = self.chosen(x, turned)
    angles = self.chosen(x, turns)
    begin = 0
    for position in range(torch.len(ends)):
      x = self.blend(x, torch.select(blends, 0, position))
      now = torch.slice(images, 0, begin, ends[position])
      rotated = self.turn(torch.index_select(x, 0, now), torch.slice(angles, 0, begin, ends[position]), tables)
      x = torch.index_copy(x, 0, now, rotated)
      begin = ends[position]
    return x

  def grayscale(self, x: Tensor, images: List[int]) -> Tensor:
    gray = self.chosen(x, images)
    luma = torch.to(self.luma(torch.index_select(x, 0, gray)), 0)
    return torch.index_copy(x, 0, gray, torch.repeat(luma, [1, 1, 1, 3]))

  # A box blur along an axis; kernels N x distances. Sums may exceed 31 bits.
  def box(self, x: Tensor, kernels: Tensor, axis: int) -> Tensor:
    last = torch.size(x, axis) - 1
    places = torch.arange(last + 1, dtype=4, device=x.device)
    weights = torch.unbind(torch.view(kernels, [torch.size(kernels, 0), -1, 1, 1, 1]), 1)
    sum = weights[0] * x + 8388608
    for distance in range(1, torch.len(weights)):
      before = torch.index_select(x, axis, torch.clamp(places - distance, 0))
      after = torch.index_select(x, axis, torch.clamp(places + distance, None, last))
      sum = sum + weights[distance] * (before + after)
    return torch.bitwise_right_shift(sum, 24)

  def blur(self, x: Tensor, images: List[int], kernels: List[int]) -> Tensor:
    blurred = self.chosen(x, images)
    by_image = torch.view(self.chosen(x, kernels), [torch.len(images), -1])
    wide = torch.to(torch.index_select(x, 0, blurred), 4)
    for axis in [2, 2, 2, 1, 1, 1]:
      wide = self.box(wide, by_image, axis)
    return torch.index_copy(x, 0, blurred, torch.to(wide, 0))

  def flip(self, x: Tensor, images: List[int]) -> Tensor:
    flipped = self.chosen(x, images)
    return torch.index_copy(x, 0, flipped, torch.flip(torch.index_select(x, 0, flipped), [2]))

  # All that follows the crop; steps: 0 colour jitter, 1 grayscale, 2 blur, in their order.
  def finish(self, crops: Tensor, steps: List[int], blends: Tensor, turned: List[int], turns: List[int], ends: List[int], gray: List[int], blurred: List[int], kernels: List[int], flipped: List[int], tables: List[Tensor]) -> Tensor:
    x = crops
    for step in steps:
      if step == 0:
        x = self.jitter(x, blends, turned, turns, ends, tables)
      elif step == 1:
        x = self.grayscale(x, gray)
      elif torch.len(blurred) > 0:
        x = self.blur(x, blurred, kernels)
    return self.flip(x, flipped)

  # The triangle filter along an axis for N crops of lengths `inputs`: [input pixels, their weights], N x size x taps.
  # Weights are summed one after the other, as another order would round otherwise.
  def triangles(self, inputs: Tensor, size: int, taps: int) -> List[Tensor]:
    input = torch.view(torch.to(inputs, 7), [-1, 1, 1])
    scale = torch.div(input, torch.full_like(input, size))
    support = torch.clamp(scale, 1)
    pixels = torch.view(torch.arange(size, dtype=7, device=inputs.device), [1, -1, 1])
    center = (pixels + 0.5) * scale
    first = torch.clamp(torch.trunc(center - support + 0.5), 0)
    end = torch.minimum(torch.trunc(center + support + 0.5), input)
    places = first + torch.arange(taps, dtype=7, device=inputs.device)
    distance = torch.abs((places - center + 0.5) * torch.reciprocal(support))
    exact = torch.clamp(1. - distance, 0) * (places < end)
    sum = torch.zeros_like(first)
    for tap in range(taps):
      sum = sum + torch.slice(exact, 2, tap, tap + 1)
    weights = torch.to(torch.div(exact, sum) * 4194304. + 0.5, 3)
    return [torch.to(torch.minimum(places, input - 1), 4), weights]

  def taps(self, input: int, size: int) -> int:
    return 2 * max(torch.floordiv(input + size - 1, size), 1) + 1

  # An image resized along an axis, 0 rows or 1 columns; triangle: its two parts, size x taps.
  def resize(self, x: Tensor, places: Tensor, weights: Tensor, axis: int, taps: int) -> Tensor:
    size = torch.size(places, 0)
    inputs = torch.index_select(x, axis, torch.reshape(torch.slice(places, 1, 0, taps), [-1]))
    by_tap = torch.unflatten(inputs, axis, [size, taps])
    shape = [size, taps, 1, 1] if axis == 0 else [size, taps, 1]
    products = by_tap * torch.reshape(torch.slice(weights, 1, 0, taps), shape)
    sum = torch.sum(products, [axis + 1], False, dtype=3)
    return torch.to(torch.bitwise_right_shift(sum + 2097152, 22), 0)

  # Crops of images of any sizes, resized to N x size x size x 3; boxes: left, top, width, height of each.
  def crop(self, images: List[Tensor], boxes: List[int], size: int) -> Tensor:
    sides = torch.view(torch.tensor(boxes, dtype=4, device=images[0].device), [-1, 4])
    most = 1
    for i in range(torch.len(images)):
      most = max(most, max(boxes[4 * i + 2], boxes[4 * i + 3]))
    taps = self.taps(most, size)
    across = self.triangles(torch.select(sides, 1, 2), size, taps)
    down = self.triangles(torch.select(sides, 1, 3), size, taps)
    out = annotate(List[Tensor], [])
    for i in range(torch.len(images)):
      left, top, width, height = boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3]
      x = torch.slice(torch.slice(images[i], 0, top, top + height), 1, left, left + width)
      x = self.resize(x, torch.select(across[0], 0, i), torch.select(across[1], 0, i), 1, self.taps(width, size))
      x = self.resize(x, torch.select(down[0], 0, i), torch.select(down[1], 0, i), 0, self.taps(height, size))
      out.append(x)
    return torch.stack(out)
