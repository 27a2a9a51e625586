"""Writes the whole images that DamagedImages damages. Needs Pillow 13.0.0 and numpy."""
import pathlib

import numpy
from PIL import Image

HERE = pathlib.Path(__file__).parent


def picture(width, height, noise, seed):
    random = numpy.random.default_rng(seed)
    rows, columns = numpy.mgrid[0:height, 0:width]
    waves = [numpy.sin(columns / 9 + k) * 60 + numpy.cos(rows / (5 + k)) * 50 + 128 for k in range(3)]
    values = numpy.stack(waves, axis=2) + random.normal(0, noise, (height, width, 3))
    return Image.fromarray(numpy.clip(values, 0, 255).astype("uint8"))


def main():
    small = picture(61, 45, 12, 1)
    for sampling, name in enumerate(["444", "422", "420"]):
        small.save(HERE / f"baseline-{name}.jpg", quality=80, subsampling=sampling)
    small.convert("L").save(HERE / "gray.jpg", quality=80)
    small.convert("CMYK").save(HERE / "cmyk.jpg", quality=70)
    small.save(HERE / "progressive.jpg", quality=85, progressive=True)
    small.convert("L").save(HERE / "progressive-gray.jpg", quality=85, progressive=True)
    small.save(HERE / "restarts.jpg", quality=80, restart_marker_blocks=3)
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "a description"
    small.save(HERE / "metadata.jpg", quality=60, optimize=True, exif=exif, comment=b"a comment", dpi=(72, 72))
    # More bytes than Pillow reads at a time.
    picture(256, 183, 45, 2).save(HERE / "large.jpg", quality=93, subsampling=0)
    small.save(HERE / "rgb.png")
    small.quantize(32).save(HERE / "palette.png")


if __name__ == "__main__":
    main()
