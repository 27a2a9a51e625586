package dev.moco.operator.report;

import dev.moco.contract.Picture;
import dev.moco.contract.ViewSamples.ViewSample;
import dev.moco.operator.report.page.Block;
import dev.moco.operator.report.page.Page.Section;
import dev.moco.operator.report.page.Page.Strip;
import dev.moco.operator.report.page.Page.Thumb;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Training images with their views. */
final class ViewSection {
    private ViewSection() {}

    static Section of(ReportInput input) {
        List<Strip> strips = input.pretrain().stream()
                .flatMap(run -> run.samples().views().stream())
                .flatMap(views -> views.samples().stream())
                .map(ViewSection::strip)
                .toList();
        return new Section("Views of training images", List.of(Block.strips(strips)));
    }

    private static Strip strip(ViewSample sample) {
        List<Thumb> thumbs = new ArrayList<>();
        String name = sample.image().label();
        thumbs.add(thumb(sample.image(), "Training image, " + name, "image", ""));
        for (int i = 0; i < sample.views().size(); i++) {
            String which = "view " + (i + 1);
            thumbs.add(thumb(sample.views().get(i), "Augmented " + which + " of the image of " + name, which, ""));
        }
        return new Strip(name, thumbs);
    }

    static Thumb thumb(Picture picture, String alt, String label, String note) {
        return new Thumb(alt, "image/jpeg", base64(picture), label, note);
    }

    static String base64(Picture picture) {
        return Base64.getEncoder().encodeToString(picture.jpeg());
    }
}
