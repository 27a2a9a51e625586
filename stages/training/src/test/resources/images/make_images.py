#!/usr/bin/env python3
"""Makes the test images beside it and, as NAME.rgb, the pixels that Pillow reads from them."""
import pathlib, struct, zlib
import numpy as np
from PIL import Image, ImageOps

OUT = pathlib.Path(__file__).parent
W, H = 23, 17
rng = np.random.default_rng(0)
smooth = np.kron(rng.integers(0, 256, (5, 6, 3)), np.ones((4, 4, 1)))[:H, :W].astype(np.uint8)
image = Image.fromarray(smooth)


def png(color_type, bits, rows):
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, bits, color_type, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))) + chunk(b"IEND", b""))


for subsampling in (0, 1, 2):
    image.save(OUT / f"ycc-{subsampling}.jpg", quality=85, subsampling=subsampling)
image.save(OUT / "progressive.jpg", quality=85, progressive=True)
image.convert("L").save(OUT / "gray.jpg", quality=85)
image.convert("CMYK").save(OUT / "cmyk.jpg", quality=90)
cmyk = bytearray((OUT / "cmyk.jpg").read_bytes())
cmyk[cmyk.find(b"Adobe") + 11] = 2  # the same samples, declared as YCCK
(OUT / "ycck.jpg").write_bytes(cmyk)
jfif = (OUT / "ycc-0.jpg").read_bytes()
body = jfif[4 + struct.unpack(">H", jfif[4:6])[0]:]
(OUT / "no-jfif.jpg").write_bytes(jfif[:2] + body)
(OUT / "adobe-rgb.jpg").write_bytes(jfif[:2] + b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0" + body)
(OUT / "bad-profile.jpg").write_bytes(jfif[:2] + b"\xff\xe2\0\x20ICC_PROFILE\0\1\1" + b"x" * 16 + body)
(OUT / "trailing-bytes.jpg").write_bytes(jfif + b"\0" * 50)

image.save(OUT / "rgb.png")
image.save(OUT / "a-png-named.JPEG", format="png")
image.save(OUT / "transparent-color.png", transparency=tuple(int(c) for c in smooth[0, 0]))
image.convert("L").save(OUT / "gray.png")
image.convert("1").save(OUT / "one-bit.png")
image.quantize(13).save(OUT / "palette.png")
image.quantize(13).save(OUT / "palette-transparent.png", transparency=3)
image.convert("LA").save(OUT / "gray-alpha.png")
alpha = image.convert("RGBA")
alpha.putalpha(Image.fromarray(smooth[..., 0]))
alpha.save(OUT / "rgb-alpha.png")
for name, color_type, channels in (("rgb-16.png", 2, 3), ("gray-16.png", 0, 1), ("gray-alpha-16.png", 4, 2)):
    (OUT / name).write_bytes(png(color_type, 16, rng.integers(0, 65536, (H, W * channels)).astype(">u2")))

exif = Image.Exif()
for orientation in range(1, 9):
    exif[0x112] = orientation
    image.save(OUT / f"exif-{orientation}.jpg", quality=85, exif=exif)
image.save(OUT / "exif-8.png", exif=exif)

for path in sorted(p for p in OUT.iterdir() if p.suffix in (".jpg", ".png", ".JPEG")):
    (OUT / f"{path.name}.rgb").write_bytes(Image.open(path).convert("RGB").tobytes())
    if path.name.startswith("exif"):
        (OUT / f"{path.name}.upright.rgb").write_bytes(ImageOps.exif_transpose(Image.open(path)).convert("RGB").tobytes())
