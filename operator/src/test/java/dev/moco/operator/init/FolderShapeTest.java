package dev.moco.operator.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FolderShapeTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "train/a/1.jpg train/b/2.JPG val/a/3.png val/b/4.webp | '' | 2 | 2 | 2 | ''",
                "train/a/1.jpg train/b/x/2.jpg val/a/3.jpg             | '' | 2 | 2 | 1 | ''",
                "train/a/1.jpg train/b/2.jpg                           | train | 0 | 2 | 0 | With val/ and some images",
                "train/a/1.jpg train/b/2.jpg val/c/3.jpg               | train | 0 | 2 | 0 | val/c is a class that",
                "train/a/1.jpg train/b/2.jpg valid/a/3.jpg             | train | 0 | 2 | 0 | 'Renamed to val/, the folder valid/'",
                "train/a/1.jpg val/a/2.jpg                             | train | 0 | 1 | 0 | train/ has no two class folders",
                "train/1.jpg train/a/2.jpg val/a/3.jpg                 | train | 0 | 2 | 0 | train/ has no two class folders",
                "1.jpg 2.png sub/3.tif notes.txt .moco/4.jpg ._5.jpg   | '' | 0 | 3 | 0 | ''",
                "cat/1.jpg dog/2.jpg                                   | '' | 0 | 2 | 0 | 'If the folders cat, dog are classes'",
                "a/1.jpg b/2.jpg c/3.jpg d/4.jpg                       | '' | 0 | 4 | 0 | 'If the folders a, b, c, … are'",
                "photos/1.jpg photos/2.jpg                             | '' | 0 | 2 | 0 | ''",
                "ILSVRC2012_img_train.tar ILSVRC2012_img_val.tar       | '' | 1000 | 1281167 | 50000 | ''",
                "readme.md                                             | '' | 0 | 0 | 0 | ''"
            })
    void aFolderHasImagesAndPerhapsClasses(
            String files, String images, int classes, long train, long validation, String remark) {
        FolderShape shape = FolderShape.of(List.of(files.strip().split(" +")));

        assertThat(List.of(shape.images(), shape.classes(), shape.train(), shape.validation()))
                .containsExactly(images, classes, train, validation);
        assertThat(String.join("", shape.remarks())).startsWith(remark);
        assertThat(shape.remarks()).hasSize(remark.isEmpty() ? 0 : 1);
        assertThat(shape.boxes()).isEmpty();
    }

    @Test
    void imagesWithoutClassesBesideBoxesAreTakenWithThem() {
        FolderShape shape = FolderShape.of(List.of(
                "VOC2007/ImageSets/Main/trainval.txt", "VOC2007/JPEGImages/1.jpg", "photos/1.jpg", "photos/2.jpg"));
        assertThat(shape.images()).isEmpty();
        assertThat(shape.train()).isEqualTo(3);
        assertThat(shape.remarks())
                .singleElement()
                .asString()
                .startsWith("The images in VOC's folders are pre-trained on");
    }

    @Test
    void boxesAreFoundBesideImagesAndAlone() {
        List<String> voc = List.of(
                "voc/VOCdevkit/VOC2007/ImageSets/Main/trainval.txt",
                "voc/VOCdevkit/VOC2007/JPEGImages/1.jpg",
                "voc/VOCdevkit/VOC2007/SegmentationClass/1.png",
                "voc/VOCdevkit/VOC2012/ImageSets/Main/trainval.txt",
                "voc/VOCdevkit/VOC2012/JPEGImages/1.jpg",
                "voc/VOCdevkit/VOC2012/JPEGImages/2.jpg");
        FolderShape.Boxes boxes = new FolderShape.Boxes("voc/VOCdevkit", List.of(2007, 2012));

        FolderShape alone = FolderShape.of(voc);
        assertThat(alone.images()).isEqualTo("voc/VOCdevkit/VOC2012/JPEGImages");
        assertThat(alone.train()).isEqualTo(2);
        assertThat(alone.boxes()).contains(boxes);

        FolderShape beside =
                FolderShape.of(Stream.concat(voc.stream(), Stream.of("train/a/1.jpg", "train/b/2.jpg", "val/a/3.jpg"))
                        .toList());
        assertThat(beside.labeled()).isTrue();
        assertThat(beside.train()).isEqualTo(2);
        assertThat(beside.boxes()).contains(boxes);

        assertThat(FolderShape.of(List.of("VOC2007/ImageSets/Main/trainval.txt"))
                        .boxes())
                .isEqualTo(Optional.of(new FolderShape.Boxes("", List.of(2007))));
    }
}
