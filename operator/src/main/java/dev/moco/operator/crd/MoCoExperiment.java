package dev.moco.operator.crd;

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

/** One experiment: pre-training, linear classification and detection, as a person asks for them. */
@Group(MoCoExperiment.GROUP)
@Version(MoCoExperiment.VERSION)
@Kind(MoCoExperiment.KIND)
@Plural("mocoexperiments")
@Singular("mocoexperiment")
@ShortNames("moco")
@Categories({"all", "ml"})
public class MoCoExperiment extends CustomResource<MoCoExperimentSpec, MoCoExperimentStatus> implements Namespaced {
    public static final String GROUP = "moco.dev";
    public static final String VERSION = "v1alpha1";
    public static final String KIND = "MoCoExperiment";
    private static final long serialVersionUID = 1;

    /** None: a record has no empty value, and whoever makes a resource sets its own. */
    @Override
    @SuppressWarnings("NullAway") // Fabric8's own methods return null where there is no spec
    protected @Nullable MoCoExperimentSpec initSpec() {
        return null;
    }

    /** None: a new resource has no status. */
    @Override
    @SuppressWarnings("NullAway") // as above
    protected @Nullable MoCoExperimentStatus initStatus() {
        return null;
    }
}
