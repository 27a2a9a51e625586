package dev.moco.training.detect.boxes;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Targets of the losses of a rank: the anchors and the regions of interest drawn in all its images.
 *
 * @param sampled indices of the anchors drawn, those on objects first; the anchors of all images are numbered in
 *     sequence
 * @param anchorDeltas four deltas for each anchor on an object
 * @param regions image, x1, y1, x2, y2 of each region of interest, image after image
 * @param labels class of each region; the number of classes for background
 * @param foreground region x classes + class, for each region on an object
 * @param boxDeltas four deltas for each region on an object
 */
@SuppressWarnings("ArrayRecordComponent") // soon copied to tensors
public record RankTargets(
        long[] sampled, float[] anchorDeltas, float[] regions, long[] labels, long[] foreground, float[] boxDeltas) {

    static RankTargets of(
            List<ProposalTargets> proposals, List<RegionTargets> regions, int anchorsPerImage, int classes) {
        return new RankTargets(
                sampled(proposals, anchorsPerImage),
                join(proposals.stream().map(ProposalTargets::deltas).toList()),
                regions(regions.stream().map(RegionTargets::regions).toList()),
                regions.stream()
                        .flatMapToLong(targets -> Arrays.stream(targets.classes()))
                        .toArray(),
                foreground(regions, classes),
                join(regions.stream().map(RegionTargets::deltas).toList()));
    }

    private static long[] sampled(List<ProposalTargets> images, int anchorsPerImage) {
        LongStream objects = LongStream.empty();
        LongStream background = LongStream.empty();
        for (int image = 0; image < images.size(); image++) {
            long first = (long) image * anchorsPerImage;
            long[] sampled = images.get(image).sampled();
            int onObjects = images.get(image).deltas().length / 4;
            objects = LongStream.concat(
                    objects, Arrays.stream(sampled, 0, onObjects).map(anchor -> first + anchor));
            background = LongStream.concat(
                    background,
                    Arrays.stream(sampled, onObjects, sampled.length).map(anchor -> first + anchor));
        }
        return LongStream.concat(objects, background).toArray();
    }

    private static long[] foreground(List<RegionTargets> images, int classes) {
        LongStream foreground = LongStream.empty();
        long first = 0;
        for (RegionTargets image : images) {
            long firstOfImage = first;
            foreground = LongStream.concat(
                    foreground,
                    LongStream.range(0, image.objects())
                            .map(i -> (firstOfImage + i) * classes + image.classes()[(int) i]));
            first += image.classes().length;
        }
        return foreground.toArray();
    }

    /** Rows (image, x1, y1, x2, y2), one for each box of each image. */
    public static float[] regions(List<Boxes> images) {
        float[] rows = new float[5 * images.stream().mapToInt(Boxes::size).sum()];
        int at = 0;
        for (int image = 0; image < images.size(); image++) {
            Boxes boxes = images.get(image);
            for (int i = 0; i < boxes.size(); i++) {
                rows[at++] = image;
                rows[at++] = (float) boxes.x1(i);
                rows[at++] = (float) boxes.y1(i);
                rows[at++] = (float) boxes.x2(i);
                rows[at++] = (float) boxes.y2(i);
            }
        }
        return rows;
    }

    private static float[] join(List<float[]> parts) {
        float[] joined = new float[parts.stream().mapToInt(part -> part.length).sum()];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, joined, at, part.length);
            at += part.length;
        }
        return joined;
    }
}
