#!/usr/bin/env python3
"""Makes data of the full size's shapes, the same bytes at every run: a few steps of each stage, nothing to learn.

imagenet/  ImageNet layout: 1000 classes, 1024 training and 64 validation JPEGs of ImageNet's sizes.
voc/       VOC layout: 32 training and 2 test images of VOC's sizes, with boxes of its 20 classes.

    pip install -r ../../stages/training/peers/requirements.txt
    python3 make_data.py data
"""
import argparse
import pathlib
import sys

import numpy

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "stages/training/peers"))
from make_jpegs import image  # noqa: E402

CLASSES, TRAIN, VALIDATION = 1000, 1024, 64
TRAINVAL, TEST = 32, 2
NAMES = ("aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person pottedplant"
         " sheep sofa train tvmonitor").split()
OBJECT = ("<object><name>{}</name><difficult>0</difficult><bndbox><xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax>"
          "<ymax>{}</ymax></bndbox></object>")
ANNOTATION = ("<annotation><folder>{}</folder><filename>{}.jpg</filename><size><width>{}</width>"
              "<height>{}</height><depth>3</depth></size>{}</annotation>\n")


def write_imagenet(out, split, count, first):
    for number in range(count):
        folder = out / "imagenet" / split / f"n{number % CLASSES:08d}"
        folder.mkdir(parents=True, exist_ok=True)
        image(first + number).save(folder / f"{number:06d}.JPEG", quality=93)


def boxes(random, width, height):
    for _ in range(random.integers(1, 5)):
        w, h = random.integers(60, width - 60), random.integers(60, height - 60)
        x, y = random.integers(1, width - w), random.integers(1, height - h)
        yield NAMES[random.integers(len(NAMES))], x, y, x + w, y + h


def write_voc(out, year, split, count, first):
    voc = out / "voc" / "VOCdevkit" / year
    for folder in ["Annotations", "ImageSets/Main", "JPEGImages"]:
        (voc / folder).mkdir(parents=True, exist_ok=True)
    names = [f"{number:06d}" for number in range(first, first + count)]
    for name in names:
        random = numpy.random.default_rng(int(name))
        picture = image(int(name))
        picture.save(voc / "JPEGImages" / f"{name}.jpg", quality=93)
        objects = "".join(OBJECT.format(*box) for box in boxes(random, *picture.size))
        (voc / "Annotations" / f"{name}.xml").write_text(ANNOTATION.format(year, name, *picture.size, objects))
    (voc / "ImageSets" / "Main" / f"{split}.txt").write_text("\n".join(names) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    target = parser.parse_args().out
    write_imagenet(target, "train", TRAIN, 0)
    write_imagenet(target, "val", VALIDATION, TRAIN)
    write_voc(target, "VOC2007", "trainval", TRAINVAL // 2, 10_000)
    write_voc(target, "VOC2012", "trainval", TRAINVAL // 2, 10_000 + TRAINVAL // 2)
    write_voc(target, "VOC2007", "test", TEST, 20_000)
