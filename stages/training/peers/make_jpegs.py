#!/usr/bin/env python3
"""Makes class folders of JPEGs with the size and detail of ImageNet's, for timing.

The images are noise with the spectrum of photographs. The same arguments and packages make the same files; existing
files are kept.

    make_jpegs.py OUT --images 512
"""

import argparse
from pathlib import Path

import numpy
from PIL import Image

SIZES = (500, 375), (500, 375), (500, 333), (375, 500)
# The amplitude of brightness and color is inversely proportional to this power of the frequency.
SLOPE = 1.2
BRIGHTNESS, COLOR = 52, 16
QUALITY = 93


def plane(random, width, height, contrast):
    frequency = numpy.hypot(numpy.fft.fftfreq(height)[:, None], numpy.fft.rfftfreq(width)[None, :])
    frequency[0, 0] = numpy.inf
    waves = random.normal(size=frequency.shape) + 1j * random.normal(size=frequency.shape)
    values = numpy.fft.irfft2(waves / frequency**SLOPE, (height, width))
    return Image.fromarray(numpy.clip(128 + contrast / values.std() * values, 0, 255).astype(numpy.uint8))


def image(number):
    random = numpy.random.default_rng(number)
    width, height = SIZES[number % len(SIZES)]
    return Image.merge("YCbCr", [plane(random, width, height, contrast) for contrast in (BRIGHTNESS, COLOR, COLOR)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--images", type=int, default=512)
    parser.add_argument("--classes", type=int, default=8)
    settings = parser.parse_args()
    total = 0
    for number in range(settings.images):
        path = settings.out / f"class{number % settings.classes}" / f"{number:06d}.jpg"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(".part")
            image(number).save(unfinished, "JPEG", quality=QUALITY, subsampling="4:2:0")
            unfinished.rename(path)
        total += path.stat().st_size
    print(f"{settings.images} images in {settings.out}, {total / settings.images / 1000:.0f} kB each")
