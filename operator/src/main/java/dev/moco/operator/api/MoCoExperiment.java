package dev.moco.operator.api;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/** One experiment: pre-training, linear classification and detection, as a user asks for them. */
@AdditionalPrinterColumn(name = "STAGE", jsonPath = ".status.summary.stage")
@AdditionalPrinterColumn(name = "PROGRESS", jsonPath = ".status.summary.progress")
@AdditionalPrinterColumn(name = "ETA", jsonPath = ".status.summary.eta")
@AdditionalPrinterColumn(name = "TOP1", jsonPath = ".status.summary.top1")
@AdditionalPrinterColumn(name = "AP50", jsonPath = ".status.summary.ap50")
@AdditionalPrinterColumn(name = "AP", jsonPath = ".status.summary.ap")
@AdditionalPrinterColumn(name = "AP75", jsonPath = ".status.summary.ap75")
@AdditionalPrinterColumn(name = "READY", jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(
        name = "AGE",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(name = "LOSS", jsonPath = ".status.summary.loss", priority = 1)
@AdditionalPrinterColumn(name = "IMG/S", jsonPath = ".status.summary.imagesPerSecond", priority = 1)
@AdditionalPrinterColumn(name = "GPU-H", jsonPath = ".status.summary.gpuHours", priority = 1)
@AdditionalPrinterColumn(name = "VS-PAPER", jsonPath = ".status.summary.versusPaper", priority = 1)
@AdditionalPrinterColumn(name = "REASON", jsonPath = ".status.summary.reason", priority = 1)
@Group(MoCoExperiment.GROUP)
@Version(MoCoExperiment.VERSION)
@Kind(MoCoExperiment.KIND)
@Plural(MoCoExperiment.PLURAL)
@Singular("mocoexperiment")
@ShortNames("moco")
@Categories({"all", "ml"})
public class MoCoExperiment extends CustomResource<MoCoExperimentSpec, MoCoExperimentStatus> implements Namespaced {
    public static final String GROUP = "moco.dev";
    public static final String VERSION = "v1alpha1";
    public static final String API_VERSION = GROUP + "/" + VERSION;
    public static final String PLURAL = "mocoexperiments";
    public static final String KIND = "MoCoExperiment";
    private static final long serialVersionUID = 1;

    /** Returns null: a record has no empty value, and the creator of a resource sets its own. */
    @Override
    protected @Nullable MoCoExperimentSpec initSpec() {
        return null;
    }

    /** Returns null: a new resource has no status. */
    @Override
    protected @Nullable MoCoExperimentStatus initStatus() {
        return null;
    }
}
