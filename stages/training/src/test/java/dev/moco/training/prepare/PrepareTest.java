package dev.moco.training.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.artifacts.ObjectStore;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.PrepareConfig.Dataset;
import dev.moco.contract.PrepareConfig.OnBadImage;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageResult;
import dev.moco.contract.VocClasses;
import dev.moco.training.data.ImageSet;
import dev.moco.training.data.Sample;
import dev.moco.training.data.Sample.GroundTruth;
import dev.moco.training.data.shards.ShardWriter;
import dev.moco.training.data.shards.Split;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrepareTest {
    private static final String FOX = "n02119789";
    private static final String SETTER = "n02100735";

    private static final ListingProgress LISTING = new ListingProgress(report -> {}, () -> false);

    @TempDir
    Path folder;

    private Path source;
    private RawFolder raw;

    @BeforeEach
    void createSource() throws IOException {
        source = Files.createDirectory(folder.resolve("source"));
        raw = new RawFolder(source);
    }

    @Test
    void classFoldersBecomeShards() throws Exception {
        classFolders();

        PrepareRun run = run(Dataset.IMAGENET, OnBadImage.FAIL);

        StageResult.Prepared prepared = run.prepared();
        assertThat(prepared.trainImages()).isEqualTo(10);
        assertThat(prepared.validationImages()).isEqualTo(4);
        assertThat(prepared.classes()).isEqualTo(2);
        ImageSet train = run.open(Split.TRAIN);
        assertThat(train.classNames()).containsExactly(SETTER, FOX);
        assertThat(IntStream.range(0, 10).map(i -> train.sample(i).label()).sum())
                .isEqualTo(5);
        assertThat(train.sample(0).width()).isEqualTo(12);
        assertThat(run.open(Split.VALIDATION).sample(0).id()).isEqualTo(SETTER + "/val_1.JPEG");
        assertThat(run.progress.getLast().step()).isEqualTo(14);
    }

    @Test
    void imagesWithoutClassesBecomeTrainingShards() throws Exception {
        for (int i = 0; i < 6; i++) {
            raw.put((i % 2 == 0 ? "" : "2024/summer/") + i + ".jpg", RawFolder.jpeg(20 * i));
        }
        raw.put("notes.txt", "no image")
                .put(".moco/cache/7.jpg", RawFolder.jpeg(1))
                .put("._0.jpg", "macOS");

        PrepareRun run = run(Dataset.UNLABELED, OnBadImage.FAIL);

        StageResult.Prepared prepared = run.prepared();
        assertThat(List.of(prepared.trainImages(), prepared.validationImages(), (long) prepared.classes()))
                .containsExactly(6L, 0L, 0L);
        ImageSet train = run.open(Split.TRAIN);
        assertThat(train.classNames()).isEmpty();
        assertThat(IntStream.range(0, 6).mapToObj(train::sample))
                .allMatch(sample -> sample.label() == -1 && sample.width() == 12)
                .map(Sample::id)
                .containsExactlyInAnyOrder(
                        "0.jpg", "2.jpg", "4.jpg", "2024/summer/1.jpg", "2024/summer/3.jpg", "2024/summer/5.jpg");
        assertThatThrownBy(() -> run.open(Split.VALIDATION))
                .hasMessage("index.json: no split \"validation\"; splits are: train");
    }

    @Test
    void aFolderWithoutImagesIsRefused() throws Exception {
        raw.put("notes.txt", "no image");
        assertBadData(Dataset.UNLABELED, "no images; images are files named .jpg, .jpeg, .png");
    }

    @Test
    void moreShardsThanAManifestListsAreRefusedBeforeTheyAreWritten() {
        RawImage image = new RawImage("a", new Extent("a.jpg", 0, 1), 0, null);
        RawDataset raw = new RawDataset(
                List.of("a"),
                Map.of(
                        Split.TRAIN, Collections.nCopies(19_996, image),
                        Split.VALIDATION, Collections.nCopies(2, image)));
        Prepare.requireFewShards(raw, 2);
        assertThatThrownBy(() -> Prepare.requireFewShards(raw, 1))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_CONFIG))
                .hasMessage(
                        "spec.data.shardImages: 19998 images in shards of 1 are 19998 shards, allowed are at most 9999");
    }

    @Test
    void theManifestOfTheMostShardsIsBelowTheBoundOfWhatIsRead() throws IOException {
        int most = (Manifest.MAX_FILES - 1) / 2;
        List<FileEntry> files = new ArrayList<>(List.of(new FileEntry("index.json", 1 << 20, "0".repeat(64))));
        for (int shard = 0; shard < most; shard++) {
            files.add(new FileEntry(ShardWriter.path(Split.VALIDATION, shard), 1L << 37, "0".repeat(64)));
            files.add(new FileEntry(ShardWriter.indexPath(Split.VALIDATION, shard), 1L << 30, "0".repeat(64)));
        }
        assertThat(files).hasSize(Manifest.MAX_FILES - 1);
        assertThat(CanonicalJson.bytes(files)).hasSizeLessThan(ObjectStore.METADATA_BYTES - (1 << 20));
    }

    @ParameterizedTest(name = "{0} images in shards of {1} by {2} threads: {3} MiB")
    @CsvSource({"1281167, 1024, 2, 448", "1281167, 1024, 64, 2048", "2048, 1024, 64, 224", "1281167, 100000, 2, 10937"})
    void theScratchDiskHoldsTheShardsInProgress(int images, int shardImages, int threads, long mib) {
        RawImage image = new RawImage("a", new Extent("a.jpg", 0, 110 << 10), 0, null);
        long bytes = ShardJobs.scratchBytes(List.of(Collections.nCopies(images, image)), shardImages, threads);
        assertThat(bytes >> 20).isEqualTo(mib);
    }

    @ParameterizedTest(name = "official tars with {0} make the shards of the class folders")
    @ValueSource(strings = {"devkit", "map_clsloc.txt", "flat val folder"})
    void everyLayoutMakesTheSameShards(String groundTruth) throws Exception {
        classFolders();
        Map<String, String> expected = digests(run(Dataset.IMAGENET, OnBadImage.FAIL));
        source = Files.createDirectory(folder.resolve("tars"));
        raw = new RawFolder(source);
        raw.put(
                "ILSVRC2012_img_train.tar",
                RawFolder.tar(Map.of(FOX + ".tar", classTar(FOX, 0), SETTER + ".tar", classTar(SETTER, 100))));
        Map<String, byte[]> validation = validation();
        String ids = "1\n2\n1\n2\n";
        if (groundTruth.equals("flat val folder")) {
            for (Map.Entry<String, byte[]> image : validation.entrySet()) {
                raw.put("val/" + image.getKey(), image.getValue());
            }
        } else {
            raw.put("ILSVRC2012_img_val.tar", RawFolder.tar(validation));
        }
        if (groundTruth.equals("devkit")) {
            raw.put("ILSVRC2012_devkit_t12.tar.gz", devkit(ids));
        } else {
            raw.put("ILSVRC2012_validation_ground_truth.txt", ids);
            raw.put("map_clsloc.txt", FOX + " 1 kit_fox\n" + SETTER + " 2 English_setter\n");
        }

        assertThat(digests(run(Dataset.IMAGENET, OnBadImage.FAIL))).isEqualTo(expected);
    }

    @Test
    void aCorruptImageIsNamed() throws Exception {
        classFolders();
        byte[] whole = RawFolder.jpeg(9);
        raw.put("train/" + FOX + "/cut.JPEG", Arrays.copyOf(whole, whole.length / 2));

        assertBadData(Dataset.IMAGENET, FOX + "/cut.JPEG: corrupt image: ");
        StageResult.Prepared prepared = run(Dataset.IMAGENET, OnBadImage.SKIP).prepared();
        assertThat(prepared.trainImages()).isEqualTo(10);
        assertThat(prepared.skipped()).isEqualTo(1);
        assertThat(prepared.bad()).singleElement().asString().startsWith(FOX + "/cut.JPEG: ");
    }

    @Test
    void anImageIsStoredUnchangedUnderAnyName() throws Exception {
        classFolders();
        byte[] png = RawFolder.image("png", 5, 6, 77);
        raw.put("val/" + FOX + "/val_0.JPEG", png);

        PrepareRun run = run(Dataset.IMAGENET, OnBadImage.FAIL);
        run.run();

        assertThat(run.open(Split.VALIDATION).encoded(2)).isEqualTo(png);
    }

    @Test
    void aClassFolderNeedsImages() throws Exception {
        classFolders();
        Files.createDirectory(source.resolve("train/n03"));
        assertBadData(Dataset.IMAGENET, "train/n03: class folder with no images; images are files named");
        raw.put("train/n03/readme.txt", "none");
        assertBadData(Dataset.IMAGENET, "train/n03: class folder with no images; images are files named");
    }

    @Test
    void validationClassesAreTrainingClasses() throws Exception {
        classFolders();
        raw.put("val/n02119788/x.JPEG", RawFolder.jpeg(1));
        assertBadData(
                Dataset.IMAGENET,
                "val: class \"n02119788\" is not in train; nearest is \"n02119789\"; train has 2 classes");
    }

    @ParameterizedTest(name = "ground truth \"{0}\": {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "1 2 1 | ILSVRC2012_validation_ground_truth.txt: 3 lines for 4 validation images; the counts must be equal",
                "1 2 1 9 | ILSVRC2012_validation_ground_truth.txt: line 4: id 9 is not in the table of 3 synsets",
                "1 2 1 x | ILSVRC2012_validation_ground_truth.txt: line 4: an id must be a whole number, found \"x\"",
            })
    void groundTruthMustFit(String ids, String message) throws Exception {
        raw.put("train/" + FOX + "/a.JPEG", RawFolder.jpeg(1));
        raw.put("ILSVRC2012_img_val.tar", RawFolder.tar(validation()));
        raw.put("ILSVRC2012_devkit_t12.tar.gz", devkit(ids.replace(' ', '\n')));
        assertBadData(Dataset.IMAGENET, message);
    }

    @Test
    void flatValidationNeedsGroundTruth() throws Exception {
        raw.put("train/" + FOX + "/a.JPEG", RawFolder.jpeg(1));
        raw.put("val/a.JPEG", RawFolder.jpeg(1));
        assertBadData(
                Dataset.IMAGENET,
                "val: 1 images without class folders need ILSVRC2012_devkit_t12.tar.gz or"
                        + " ILSVRC2012_validation_ground_truth.txt beside them");
        raw.put("ILSVRC2012_validation_ground_truth.txt", "1");
        assertBadData(
                Dataset.IMAGENET,
                "val: ILSVRC2012_validation_ground_truth.txt needs meta.mat or map_clsloc.txt beside it");
    }

    @ParameterizedTest(name = "a tar cut to {0} of its bytes is named")
    @ValueSource(doubles = {0.2, 0.5, 0.8})
    void aTruncatedTarIsNamed(double share) throws Exception {
        byte[] tar = RawFolder.tar(Map.of(FOX + ".tar", classTar(FOX, 0), SETTER + ".tar", classTar(SETTER, 100)));
        raw.put("ILSVRC2012_img_train.tar", Arrays.copyOf(tar, (int) (tar.length * share)));
        assertBadData(Dataset.IMAGENET, "ILSVRC2012_img_train.tar: ");
    }

    @Test
    void vocYearsAreJoined() throws Exception {
        voc("bag", "2,3,12,8");

        PrepareRun run = run(Dataset.VOC, OnBadImage.FAIL);

        assertThat(run.prepared().trainImages()).isEqualTo(2);
        ImageSet test = run.open(Split.TEST);
        assertThat(test.sample(0).id()).isEqualTo("000007");
        assertThat(test.sample(0).label()).isEqualTo(-1);
        assertThat(test.sample(0).objects()).containsExactly(new GroundTruth(0, 1, 2, 12, 8, true));
    }

    @Test
    void vocTarsMakeTheShardsOfTheTree() throws Exception {
        voc("boot", "1,1,12,8");
        Map<String, String> expected = digests(run(Dataset.VOC, OnBadImage.FAIL));
        Map<String, byte[]> tree = new HashMap<>();
        try (var files = Files.walk(source)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                tree.put(source.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        source = Files.createDirectory(folder.resolve("tars"));
        raw = new RawFolder(source).put("VOCtrainval_06-Nov-2007.tar", RawFolder.tar(tree));

        assertThat(digests(run(Dataset.VOC, OnBadImage.FAIL))).isEqualTo(expected);
    }

    @ParameterizedTest(name = "box {0} becomes {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "0,1,5,5 | 0 0 5 5 | object 1 (bag): box (0, 1, 5, 5) in an image of 12x8",
                "1,1,13,5 | 0 0 12 5 | object 1 (bag): box (1, 1, 13, 5) in an image of 12x8",
                "1,1.5,5,9 | 0 0.5 5 8 | object 1 (bag): box (1, 1.5, 5, 9) in an image of 12x8",
                "14,1,20,5 | left out | object 1 (bag): box (14, 1, 20, 5) in an image of 12x8",
            })
    void aBoxOutsideItsImageIsClippedAndNamed(String box, String inside, String named) throws Exception {
        voc("bag", box);

        PrepareRun run = run(Dataset.VOC, OnBadImage.FAIL);

        StageResult.Prepared prepared = run.prepared();
        assertThat(prepared.clipped()).isEqualTo(new StageResult.Named(1, List.of("000007: " + named)));
        assertThat(prepared.objects()).isEqualTo(inside.equals("left out") ? 2 : 3);
        assertThat(run.open(Split.TEST).sample(0).objects().stream()
                        .map(object -> Stream.of(object.x1(), object.y1(), object.x2(), object.y2())
                                .map(side -> String.valueOf(side).replaceFirst("\\.0$", ""))
                                .collect(Collectors.joining(" "))))
                .isEqualTo(inside.equals("left out") ? List.of() : List.of(inside));
    }

    @ParameterizedTest(name = "box {0}")
    @ValueSource(strings = {"6,1,5,5", "NaN,1,5,5"})
    void aBoxWithoutAnAreaIsNamed(String box) throws Exception {
        voc("bag", box);
        assertBadData(
                Dataset.VOC,
                "Annotations/000007.xml: object 1 (bag): box (" + box.replace(",", ", ")
                        + ") has no area; allowed is xmin <= xmax and ymin <= ymax");
    }

    @Test
    void bothVocYearsAreNeededUnlessOneIsAskedFor() throws Exception {
        voc("bag", "1,1,2,2");
        Files.delete(source.resolve("VOCdevkit/VOC2012/ImageSets/Main/trainval.txt"));
        RawFiles files = RawSource.open(source.toString(), PrepareRun.STORE);
        List<String> own = List.of("bag", "boot");
        List<String> ofVoc = List.copyOf(VocClasses.NAMES);

        assertThat(VocLayout.list(files, EmptyParts.in(folder), own, List.of(), LISTING)
                        .images())
                .isEqualTo(2);
        assertThat(VocLayout.list(files, EmptyParts.in(folder), ofVoc, List.of(2007), LISTING)
                        .images())
                .isEqualTo(2);
        String missing = "no images listed in VOC2012/ImageSets/Main/trainval.txt; add that year, or name the years to"
                + " train on in spec.data.vocYears, such as [2007]; the paper trains on both, 2007 and 2012";
        assertThatThrownBy(() -> VocLayout.list(files, EmptyParts.in(folder), ofVoc, List.of(), LISTING))
                .hasMessage(missing);
        assertThatThrownBy(() -> VocLayout.list(files, EmptyParts.in(folder), own, List.of(2012), LISTING))
                .hasMessage(missing);
    }

    @Test
    void oneOfTwoVocYearsIsUsedIfAskedFor() throws Exception {
        voc("bag", "1,1,2,2");
        RawFiles files = RawSource.open(source.toString(), PrepareRun.STORE);
        assertThat(VocLayout.list(files, EmptyParts.in(folder), List.of("bag", "boot"), List.of(2012), LISTING)
                        .splits()
                        .get(Split.TRAIN))
                .extracting(RawImage::id)
                .containsExactly("2008_000001");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"UTF-8 with a mark", "UTF-16 with a mark"})
    void listsAreReadAsTheyWereSaved(String encoding) throws Exception {
        voc("bag", "1,1,2,2");
        byte[] list = encoding.startsWith("UTF-8")
                ? "\ufeff000007\r\n".getBytes(StandardCharsets.UTF_8)
                : "\ufeff000007\r\n".getBytes(StandardCharsets.UTF_16LE);
        raw.put("VOCdevkit/VOC2007/ImageSets/Main/test.txt", list);
        assertThat(run(Dataset.VOC, OnBadImage.FAIL).prepared().validationImages())
                .isEqualTo(1);
    }

    @Test
    void aListInAnotherEncodingIsNamed() throws Exception {
        voc("bag", "1,1,2,2");
        raw.put("VOCdevkit/VOC2007/ImageSets/Main/test.txt", "000007\n\u00fc".getBytes(StandardCharsets.ISO_8859_1));
        assertBadData(
                Dataset.VOC,
                "VOC2007/ImageSets/Main/test.txt: not UTF-8: byte fc at line 2, column 1; save it as UTF-8");
    }

    @Test
    void linkedFoldersAreRead() throws Exception {
        classFolders();
        Map<String, String> expected = digests(run(Dataset.IMAGENET, OnBadImage.FAIL));
        Path share = Files.createDirectory(folder.resolve("share"));
        Files.move(source.resolve("train/" + FOX), share.resolve(FOX));
        Files.createSymbolicLink(source.resolve("train/" + FOX), share.resolve(FOX));
        assertThat(digests(run(Dataset.IMAGENET, OnBadImage.FAIL))).isEqualTo(expected);

        Path link = folder.resolve("link");
        Files.createSymbolicLink(link, source);
        source = link;
        assertThat(digests(run(Dataset.IMAGENET, OnBadImage.FAIL))).isEqualTo(expected);
    }

    @Test
    void linkedVocYearsAreRead() throws Exception {
        voc("bag", "1,1,2,2");
        Path year = source.resolve("VOCdevkit/VOC2007");
        Files.move(year, folder.resolve("real07"));
        Files.createSymbolicLink(year, folder.resolve("real07"));
        assertThat(run(Dataset.VOC, OnBadImage.FAIL).prepared().trainImages()).isEqualTo(2);
    }

    @Test
    void linksThatLeadNowhereOrRoundAreNamed() throws Exception {
        classFolders();
        Path link = source.resolve("train/" + FOX + "/more.JPEG");
        Files.createSymbolicLink(link, Path.of("nowhere.JPEG"));
        assertBadData(Dataset.IMAGENET, link + " is a symbolic link to a file that does not exist");
        Files.delete(link);
        link = source.resolve("train/" + FOX + "/up");
        Files.createSymbolicLink(link, source.resolve("train"));
        assertBadData(
                Dataset.IMAGENET,
                link + " is a symbolic link to " + source.resolve("train").toRealPath());
    }

    @Test
    void imagesOfOtherFormatsAreNamed() throws Exception {
        classFolders();
        raw.put("train/" + FOX + "/a.webp", "GIF89a");
        raw.put("train/" + FOX + "/b.BMP", RawFolder.image("bmp", 5, 6, 7));
        raw.put("train/" + FOX + "/c.tiff", "%PDF-1.4");
        raw.put("train/" + FOX + "/readme.txt", "no image");

        assertBadData(
                Dataset.IMAGENET,
                FOX + "/a.webp: corrupt image: no JPEG, PNG, BMP, PGM, PPM, TIFF or WebP but a GIF image;"
                        + " spec.data.onBadImage: Skip");
        StageResult.Prepared prepared = run(Dataset.IMAGENET, OnBadImage.SKIP).prepared();
        assertThat(prepared.trainImages()).isEqualTo(11);
        assertThat(prepared.bad())
                .containsExactly(
                        FOX + "/a.webp: no JPEG, PNG, BMP, PGM, PPM, TIFF or WebP but a GIF image",
                        FOX + "/c.tiff: no JPEG, PNG, BMP, PGM, PPM, TIFF or WebP but a PDF document");
    }

    @Test
    void anImageWithAWarningIsKeptAndNamed() throws Exception {
        classFolders();
        byte[] cut = RawFolder.image("jpg", 200, 100, 9);
        byte[] ended = Arrays.copyOf(cut, cut.length - 60);
        ended[ended.length - 2] = (byte) 0xff;
        ended[ended.length - 1] = (byte) 0xd9;
        raw.put("train/" + FOX + "/cut.JPEG", ended);

        StageResult.Prepared prepared = run(Dataset.IMAGENET, OnBadImage.FAIL).prepared();

        assertThat(prepared.trainImages()).isEqualTo(11);
        assertThat(prepared.warned())
                .isEqualTo(new StageResult.Named(
                        1, List.of(FOX + "/cut.JPEG: Corrupt JPEG data: premature end of data segment")));
    }

    @Test
    void linksInATarHaveTheContentOfTheirFiles() throws Exception {
        raw.put(
                "a.tar",
                RawFolder.tar(
                        Map.of("x/0.JPEG", RawFolder.jpeg(0)),
                        Map.of(
                                "x/hard.JPEG", "1 x/0.JPEG",
                                "x/symbolic.JPEG", "2 0.JPEG",
                                "y/chain.JPEG", "2 ../x/./symbolic.JPEG")));
        RawFiles files = RawSource.open(source.toString(), PrepareRun.STORE);
        List<TarListing.Member> members;
        try (TarListing listing = new TarListing(files, EmptyParts.in(folder), LISTING)) {
            members = listing.list(new Extent("a.tar", 0, Files.size(source.resolve("a.tar"))));
        }
        assertThat(members)
                .extracting(TarListing.Member::name)
                .containsExactlyInAnyOrder("x/0.JPEG", "x/hard.JPEG", "x/symbolic.JPEG", "y/chain.JPEG");
        for (TarListing.Member member : members) {
            assertThat(member.extent().read(files)).as(member.name()).isEqualTo(RawFolder.jpeg(0));
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"1 x/1.JPEG", "2 ../0.JPEG", "2 loop.JPEG"})
    void aLinkToNothingInATarIsNamed(String link) throws Exception {
        byte[] images = RawFolder.tar(Map.of("x/0.JPEG", RawFolder.jpeg(0)), Map.of("x/loop.JPEG", link));
        raw.put("ILSVRC2012_img_train.tar", RawFolder.tar(Map.of(FOX + ".tar", images)));
        assertBadData(Dataset.IMAGENET, "ILSVRC2012_img_train.tar/" + FOX + ".tar: x/loop.JPEG is a link to ");
    }

    @Test
    void aLinkedArchiveInATarIsNamed() throws Exception {
        raw.put(
                "ILSVRC2012_img_train.tar",
                RawFolder.tar(Map.of(FOX + ".tar", classTar(FOX, 0)), Map.of("n03.tar", "2 " + FOX + ".tar")));
        assertBadData(
                Dataset.IMAGENET,
                "ILSVRC2012_img_train.tar: n03.tar is a link to " + FOX + ".tar; pack the archive itself");
    }

    @Test
    void theFilesOfMacosInATarArePassedOver() throws Exception {
        raw.put(
                "ILSVRC2012_img_train.tar",
                RawFolder.tar(Map.of(FOX + ".tar", classTar(FOX, 0), "._" + FOX + ".tar", new byte[224])));
        raw.put("val/" + FOX + "/a.JPEG", RawFolder.jpeg(1));
        StageResult.Prepared prepared = run(Dataset.IMAGENET, OnBadImage.FAIL).prepared();
        assertThat(prepared.trainImages()).isEqualTo(5);
        assertThat(prepared.classes()).isEqualTo(1);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "gzip, gzip compressed",
        "<!DOCTYPE html><html>, 'an HTML page, such as that of a login'",
        "other, 'a file that starts with bytes 6f 74 68 65'"
    })
    void aFileThatIsNoTarIsNamed(String content, String kind) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (content.equals("gzip")) {
            try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
                for (int i = 0; i < 500; i++) {
                    gzip.write(Integer.toString(i * i).getBytes(StandardCharsets.US_ASCII));
                }
            }
        } else {
            bytes.writeBytes(content.repeat(600).getBytes(StandardCharsets.US_ASCII));
        }
        raw.put("ILSVRC2012_img_train.tar", bytes.toByteArray());
        assertBadData(
                Dataset.IMAGENET,
                "ILSVRC2012_img_train.tar: not a tar archive but " + kind + "; an uncompressed tar is expected");
    }

    @Test
    void anUnknownClassIsNamedWithTheNearest() throws Exception {
        voc("boat", "1,1,2,2");
        assertBadData(
                Dataset.VOC,
                "Annotations/000007.xml: object 1: unknown class \"boat\"; nearest is \"boot\"; classes are: bag, boot");
    }

    @Test
    void externalEntitiesAndMalformedXmlAreRefused() throws Exception {
        voc("bag", "1,1,2,2");
        raw.put("VOCdevkit/VOC2007/Annotations/000007.xml", "<annotation><object></annotation>");
        assertBadData(Dataset.VOC, "Annotations/000007.xml: malformed XML: ");
        raw.put(
                "VOCdevkit/VOC2007/Annotations/000007.xml",
                "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><annotation>&x;</annotation>");
        assertBadData(Dataset.VOC, "Annotations/000007.xml: malformed XML: DOCTYPE is disallowed");
    }

    @Test
    void aListedImageMustExist() throws Exception {
        voc("bag", "1,1,2,2");
        Files.delete(source.resolve("VOCdevkit/VOC2007/JPEGImages/000007.jpg"));
        assertBadData(
                Dataset.VOC,
                "VOC2007/ImageSets/Main/test.txt: names image 000007, but JPEGImages/000007.jpg is missing");
    }

    @Test
    void vocNeedsATestSet() throws Exception {
        voc("bag", "1,1,2,2");
        Files.delete(source.resolve("VOCdevkit/VOC2007/ImageSets/Main/test.txt"));
        assertBadData(Dataset.VOC, "no images listed in ImageSets/Main/test.txt of VOC2007");
    }

    private void classFolders() throws IOException {
        for (int i = 0; i < 5; i++) {
            raw.put("train/" + FOX + "/" + FOX + "_" + i + ".JPEG", RawFolder.jpeg(i));
            raw.put("train/" + SETTER + "/" + SETTER + "_" + i + ".JPEG", RawFolder.jpeg(100 + i));
        }
        int i = 0;
        for (Map.Entry<String, byte[]> image : validation().entrySet()) {
            raw.put("val/" + (i++ % 2 == 0 ? FOX : SETTER) + "/" + image.getKey(), image.getValue());
        }
    }

    private static byte[] classTar(String name, int brightness) throws IOException {
        Map<String, byte[]> images = new HashMap<>();
        for (int i = 0; i < 5; i++) {
            images.put(name + "_" + i + ".JPEG", RawFolder.jpeg(brightness + i));
        }
        return RawFolder.tar(images);
    }

    private static Map<String, byte[]> validation() throws IOException {
        Map<String, byte[]> images = new TreeMap<>();
        for (int i = 0; i < 4; i++) {
            images.put("val_" + i + ".JPEG", RawFolder.jpeg(200 + i));
        }
        return images;
    }

    private static byte[] devkit(String ids) throws IOException {
        try (var meta = PrepareTest.class.getResourceAsStream("/prepare/meta.mat")) {
            byte[] tar = RawFolder.tar(Map.of(
                    "ILSVRC2012_devkit_t12/data/meta.mat",
                    meta.readAllBytes(),
                    "ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt",
                    ids.getBytes(StandardCharsets.UTF_8)));
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
                gzip.write(tar);
            }
            return packed.toByteArray();
        }
    }

    private void voc(String testClass, String testBox) throws IOException {
        vocImage("VOC2007", "trainval", "000005", RawFolder.annotation("bag", "1,1,12,8"));
        vocImage("VOC2012", "trainval", "2008_000001", RawFolder.annotation("boot", "1.5,2,3,4"));
        vocImage("VOC2007", "test", "000007", RawFolder.annotation(testClass, testBox));
    }

    private void vocImage(String year, String set, String id, String annotation) throws IOException {
        raw.put("VOCdevkit/" + year + "/ImageSets/Main/" + set + ".txt", id + "\n");
        raw.put("VOCdevkit/" + year + "/JPEGImages/" + id + ".jpg", RawFolder.jpeg(50));
        raw.put("VOCdevkit/" + year + "/Annotations/" + id + ".xml", annotation);
    }

    private PrepareRun run(Dataset dataset, OnBadImage onBadImage) throws IOException {
        return new PrepareRun(dataset, onBadImage, source, Files.createTempDirectory(folder, "scratch"));
    }

    private static Map<String, String> digests(PrepareRun run) throws IOException, InterruptedException {
        Map<String, String> digests = new TreeMap<>();
        run.run();
        run.entries().forEach(entry -> digests.put(entry.path(), entry.sha256()));
        return digests;
    }

    private void assertBadData(Dataset dataset, String message) throws IOException {
        PrepareRun run = run(dataset, OnBadImage.FAIL);
        assertThatThrownBy(run::run)
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_DATA))
                .hasMessageStartingWith(message);
    }
}
