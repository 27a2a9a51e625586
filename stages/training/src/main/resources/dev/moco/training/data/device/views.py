"""The views of pre-training, byte for byte those of the host (docs/method.md §1.7-1.10).

They are computed in whole numbers, or in the floating point that Pillow uses. Nothing is divided by a plain number,
since CUDA would multiply by its inverse, which rounds differently.

Shapes: N images, S x S pixels for each view; images are bytes, rows x columns x 3. Lists of images hold positions in
the N.
"""
from typing import List, NamedTuple

import torch
from torch import Tensor

# Steps after the crop, see ParameterLists.java.
COLOR_JITTER = 0
GRAYSCALE = 1
GAUSSIAN_BLUR = 2

# Axes of an image without a batch.
ROWS = 0
COLUMNS = 1

# Pillow resizes in whole numbers: weights are multiples of 2^-22.
RESIZE_BITS = 22
RESIZE_ONE = 4194304.
RESIZE_HALF = 2097152

# Pillow blurs in whole numbers: weights are multiples of 2^-24.
BLUR_BITS = 24
BLUR_HALF = 8388608


class HueShifts(NamedTuple):
    """Shifts of the hue by the position in the jitter at which they are made."""
    images: List[int]  # those of position 0, then those of position 1, ...
    steps: List[int]  # shift of each, in steps of the 8-bit hue
    ends: List[int]  # end of each position in images


class HueTables(NamedTuple):
    """All 2^24 pixels converted, 2^24 x 3."""
    to_hsv: Tensor
    to_rgb: Tensor


class Blurs(NamedTuple):
    images: List[int]
    kernels: List[int]  # for each image, its weights by distance


class Taps(NamedTuple):
    """The input pixels that each output pixel is a weighted sum of, N x S x taps."""
    pixels: Tensor
    weights: Tensor


def int64_tensor(values: List[int], like: Tensor) -> Tensor:
    return torch.tensor(values, dtype=torch.int64, device=like.device)


def luma(x: Tensor) -> Tensor:
    """Pillow's mode L, N x S x S x 1."""
    red, green, blue = torch.split(x.to(torch.int32), 1, 3)
    return torch.bitwise_right_shift(red * 19595 + green * 38470 + blue * 7471 + 32768, 16)


def blend(x: Tensor, blends: Tensor) -> Tensor:
    """Brightness, contrast and saturation: all are a blend, with black, the mean luma or each pixel's luma.

    blends: 3 x N, the weight of the image, and the shares of mean and luma in what it is blended with. A weight of 1
    changes nothing.
    """
    weight, share_of_mean, share_of_luma = torch.unbind(blends.view([3, -1, 1, 1, 1]), 0)
    gray = luma(x)
    pixels = x.size(1) * x.size(2)
    mean = torch.floor_divide(torch.sum(gray, [1, 2, 3], True, dtype=torch.int64) * 2 + pixels, 2 * pixels)
    degenerate = mean * share_of_mean + gray * share_of_luma
    blended = degenerate + weight * (x.to(torch.float32) - degenerate)
    return torch.clamp(blended, 0, 255).to(torch.uint8)


def look_up(x: Tensor, table: Tensor) -> Tensor:
    """Pixels by a table of all 2^24."""
    first, second, third = torch.split(x.to(torch.int32), 1, 3)
    rows = (first * 65536 + second * 256 + third).reshape([-1])
    return torch.index_select(table, 0, rows).view(x.size())


def shift_hue(x: Tensor, steps: Tensor, tables: HueTables) -> Tensor:
    """Adds to the hue. Bytes wrap around, as the circle of hues does."""
    hue, saturation, value = torch.split(look_up(x, tables.to_hsv), 1, 3)
    hue = hue + steps.to(torch.uint8).view([-1, 1, 1, 1])
    return look_up(torch.cat([hue, saturation, value], 3), tables.to_rgb)


def color_jitter(x: Tensor, blends: Tensor, hue: HueShifts, tables: HueTables) -> Tensor:
    """The four adjustments in each image's own order (docs/method.md §1.8); blends: 4 x 3 x N by position."""
    images = int64_tensor(hue.images, x)
    steps = int64_tensor(hue.steps, x)
    begin = 0
    for position in range(len(hue.ends)):
        end = hue.ends[position]
        x = blend(x, blends.select(0, position))
        shifted = images[begin:end]
        x = torch.index_copy(x, 0, shifted, shift_hue(torch.index_select(x, 0, shifted), steps[begin:end], tables))
        begin = end
    return x


def grayscale(x: Tensor, images: List[int]) -> Tensor:
    gray = int64_tensor(images, x)
    bytes_of_luma = luma(torch.index_select(x, 0, gray)).to(torch.uint8)
    return torch.index_copy(x, 0, gray, bytes_of_luma.repeat([1, 1, 1, 3]))


def box_blur(x: Tensor, kernels: Tensor, axis: int) -> Tensor:
    """A box blur along an axis; kernels: N x distances. Sums may exceed 31 bits."""
    last = x.size(axis) - 1
    positions = torch.arange(last + 1, dtype=torch.int64, device=x.device)
    weights = torch.unbind(kernels.view([kernels.size(0), -1, 1, 1, 1]), 1)
    total = weights[0] * x + BLUR_HALF
    for distance in range(1, len(weights)):
        before = torch.index_select(x, axis, torch.clamp(positions - distance, 0))
        after = torch.index_select(x, axis, torch.clamp(positions + distance, None, last))
        total = total + weights[distance] * (before + after)
    return torch.bitwise_right_shift(total, BLUR_BITS)


def gaussian_blur(x: Tensor, blurs: Blurs) -> Tensor:
    """Pillow's: three box blurs along each axis (docs/method.md §1.9)."""
    images = int64_tensor(blurs.images, x)
    kernels = int64_tensor(blurs.kernels, x).view([len(blurs.images), -1])
    blurred = torch.index_select(x, 0, images).to(torch.int64)
    for axis in [2, 2, 2, 1, 1, 1]:
        blurred = box_blur(blurred, kernels, axis)
    return torch.index_copy(x, 0, images, blurred.to(torch.uint8))


def horizontal_flip(x: Tensor, images: List[int]) -> Tensor:
    flipped = int64_tensor(images, x)
    return torch.index_copy(x, 0, flipped, torch.flip(torch.index_select(x, 0, flipped), [2]))


def augment(
    crops: Tensor,
    steps: List[int],
    blends: Tensor,
    hue: HueShifts,
    gray: List[int],
    blurs: Blurs,
    flipped: List[int],
    tables: HueTables,
) -> Tensor:
    """All that follows the crop; steps: in their order."""
    x = crops
    for step in steps:
        if step == COLOR_JITTER:
            x = color_jitter(x, blends, hue, tables)
        elif step == GRAYSCALE:
            x = grayscale(x, gray)
        elif len(blurs.images) > 0:
            x = gaussian_blur(x, blurs)
    return horizontal_flip(x, flipped)


def triangle_taps(lengths: Tensor, size: int, taps: int) -> Taps:
    """Pillow's bilinear filter along an axis for N crops of these lengths (docs/method.md §1.10).

    The weights are summed one after the other, since another order would round differently.
    """
    length = lengths.to(torch.float64).view([-1, 1, 1])
    scale = torch.div(length, torch.full_like(length, size))
    support = torch.clamp(scale, 1)
    pixels = torch.arange(size, dtype=torch.float64, device=lengths.device).view([1, -1, 1])
    center = (pixels + 0.5) * scale
    first = torch.clamp(torch.trunc(center - support + 0.5), 0)
    end = torch.minimum(torch.trunc(center + support + 0.5), length)
    positions = first + torch.arange(taps, dtype=torch.float64, device=lengths.device)
    distance = torch.abs((positions - center + 0.5) * torch.reciprocal(support))
    exact = torch.clamp(1. - distance, 0) * (positions < end)
    total = torch.zeros_like(first)
    for tap in range(taps):
        total = total + exact.narrow(2, tap, 1)
    weights = (torch.div(exact, total) * RESIZE_ONE + 0.5).to(torch.int32)
    return Taps(torch.minimum(positions, length - 1).to(torch.int64), weights)


def tap_count(length: int, size: int) -> int:
    """Taps that a crop of a length needs at most."""
    return 2 * max((length + size - 1) // size, 1) + 1


def resize(x: Tensor, pixels: Tensor, weights: Tensor, axis: int, taps: int) -> Tensor:
    """An image resized along an axis; pixels, weights: size x taps."""
    size = pixels.size(0)
    inputs = torch.index_select(x, axis, pixels.narrow(1, 0, taps).reshape([-1]))
    by_tap = torch.unflatten(inputs, axis, [size, taps])
    shape = [size, taps, 1, 1] if axis == ROWS else [size, taps, 1]
    products = by_tap * weights.narrow(1, 0, taps).reshape(shape)
    total = torch.sum(products, [axis + 1], False, dtype=torch.int32)
    return torch.bitwise_right_shift(total + RESIZE_HALF, RESIZE_BITS).to(torch.uint8)


def crop(images: List[Tensor], boxes: List[int], size: int) -> Tensor:
    """Crops of images of any sizes, resized to N x size x size x 3; boxes: left, top, width, height of each."""
    sides = int64_tensor(boxes, images[0]).view([-1, 4])
    longest = 1
    for i in range(len(images)):
        longest = max(longest, max(boxes[4 * i + 2], boxes[4 * i + 3]))
    taps = tap_count(longest, size)
    across = triangle_taps(sides.select(1, 2), size, taps)
    down = triangle_taps(sides.select(1, 3), size, taps)
    out: List[Tensor] = []
    for i in range(len(images)):
        left, top, width, height = boxes[4 * i:4 * i + 4]
        x = images[i].narrow(ROWS, top, height).narrow(COLUMNS, left, width)
        x = resize(x, across.pixels[i], across.weights[i], COLUMNS, tap_count(width, size))
        x = resize(x, down.pixels[i], down.weights[i], ROWS, tap_count(height, size))
        out.append(x)
    return torch.stack(out)
