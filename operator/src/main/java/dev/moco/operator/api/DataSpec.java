package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.moco.contract.VocClasses;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Raw images. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DataSpec(
        @JsonPropertyDescription(
                "ImageNet: s3://bucket/prefix with the official tars, or with train/ and val/ folders of class"
                        + " folders. A relative folder is below the operator's data root (--data-root), or below the"
                        + " file's own for moco run.")
        @Rule(DataSpec.SOURCE_RULE)
        @Required
        @Size(max = Syntax.TEXT_LENGTH)
        @ValidationRule(value = DataSpec.SOURCE, messageExpression = DataSpec.SOURCE_MESSAGE)
        String imagenet,

        @JsonPropertyDescription(
                "VOC 2007 and 2012: s3://bucket/prefix or a folder, as imagenet. Required unless detection.enabled is"
                        + " false.")
        @Rule(DataSpec.SOURCE_RULE)
        @Size(max = Syntax.TEXT_LENGTH)
        @ValidationRule(value = DataSpec.SOURCE, messageExpression = DataSpec.SOURCE_MESSAGE)
        @Nullable
        String voc,

        @JsonPropertyDescription("Names of the detection classes in the order of their labels.")
        @Default(VocClasses.JSON)
        @Size(min = 1, max = 500)
        @ValidationRule(
                value = "self.all(x, self.exists_one(y, x == y))",
                messageExpression = "'must name each class once, found %s'.format([self])")
        List<
                        @Rule("must be a line of at most 64 characters that is not blank") @Size(max = 64)
                        @Pattern(Syntax.NOT_BLANK) String>
                vocClasses,

        @JsonPropertyDescription(
                "Years of VOC, 2007 or 2012, whose trainval images are trained on; each must be there. Defaults to both for"
                        + " VOC's own classes, as in the paper, and for other vocClasses to those that are there. The"
                        + " test images are those of 2007.")
        @Size(min = 1, max = 2)
        @ValidationRule(
                value = "self.all(x, (x == 2007 || x == 2012) && self.exists_one(y, x == y))",
                messageExpression = "'must name 2007, 2012 or each of them once, found %s'.format([self])")
        @Nullable
        List<@Min(2007) @Max(2012) Integer> vocYears,

        @JsonPropertyDescription(
                "Reaction to an image that cannot be decoded: Fail ends the stage, naming the image; Skip counts it,"
                        + " names it in the manifest and leaves it out.")
        @Default("Fail")
        OnBadImage onBadImage,

        @JsonPropertyDescription(
                "True takes every image below the folder of imagenet, in whatever folders, and no classes: for"
                        + " pre-training alone. It needs linear.enabled false and another method than Supervised, and the"
                        + " kNN monitor is off. False takes train/ and val/ with class folders, or the official tars.")
        @Default("false")
        Boolean unlabeled,

        @JsonPropertyDescription("Images in one shard of the prepared data.") @Default("1024") @Min(1) @Max(1_000_000)
        Integer shardImages,

        @UnknownFields @Nullable Map<String, Object> unknown) {

    /** The rule of fields that need classes, as text. */
    public static final String NO_CLASSES = "since spec.data.unlabeled leaves no classes";

    /** The rule of a source, as text. */
    public static final String SOURCE_RULE = "must be s3://bucket/prefix or a folder";

    static final String SOURCE = "self.startsWith('s3://') ? self.matches(r'" + Syntax.S3_SOURCE
            + "') : !self.contains('://') && !self.contains('\\x00') && self.matches(r'" + Syntax.NOT_BLANK + "')";
    static final String SOURCE_MESSAGE = "'" + SOURCE_RULE + ", found \"%s\"'.format([self])";

    /** Reaction to an image that cannot be decoded. */
    public enum OnBadImage {
        @JsonProperty("Fail")
        FAIL,
        @JsonProperty("Skip")
        SKIP
    }
}
