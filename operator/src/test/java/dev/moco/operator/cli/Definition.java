package dev.moco.operator.cli;

import dev.moco.localcluster.TestCluster;

/** Applies the resource's definition to the test cluster. */
final class Definition {
    private Definition() {}

    static void install(TestCluster cluster) throws Exception {
        cluster.kubectl(
                        "apply",
                        "--server-side",
                        "-f",
                        TestCluster.home() + "/manifests/crd/mocoexperiments.moco.dev-v1.yml")
                .orFail();
        cluster.kubectl("wait", "--for=condition=Established", "crd/mocoexperiments.moco.dev", "--timeout=600s")
                .orFail();
    }
}
