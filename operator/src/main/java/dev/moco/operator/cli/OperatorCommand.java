package dev.moco.operator.cli;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import dev.moco.contract.local.OperatorVariables;
import dev.moco.operator.jobs.AllowedBucket;
import dev.moco.operator.jobs.OperatorConfig;
import dev.moco.operator.jobs.StoreRules;
import dev.moco.operator.server.MoCoOperator;
import dev.moco.operator.server.OperatorSettings;
import dev.moco.operator.server.OperatorSettings.Election;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.net.InetSocketAddress;
import java.net.URL;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code moco operator}: runs the experiments of a cluster until it is stopped. */
@Command(
        name = "operator",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the experiments of a cluster: the one of KUBECONFIG, or the one that this pod is in.",
            "Every option may be given by a variable instead, such as MOCO_STAGE_IMAGE for --stage-image."
        })
final class OperatorCommand implements Callable<Integer> {
    private static final int STOP_SECONDS = 25;

    @Option(
            names = "--namespace",
            paramLabel = "NS",
            split = ",",
            defaultValue = "${env:MOCO_NAMESPACE}",
            description = "Watch this namespace; may be repeated. Default: all")
    @Nullable
    List<String> namespaces;

    @Option(
            names = "--stage-image",
            paramLabel = "IMAGE",
            defaultValue = "${env:MOCO_STAGE_IMAGE:-moco-stages:0.1.0}",
            description = "Image of the stages, unless spec.resources.image names one. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init") // set by picocli
    String stageImage;

    @Option(
            names = "--data-root",
            paramLabel = "DIR",
            defaultValue = "${env:" + OperatorVariables.DATA_ROOT + "}",
            description = "Root of relative folders of spec.data, here and in pods. By default folders are refused.")
    @Nullable
    String dataRoot;

    @Option(
            names = "--data-claim",
            paramLabel = "NAME",
            defaultValue = "${env:MOCO_DATA_CLAIM}",
            description = "PersistentVolumeClaim of the experiment's namespace that holds the data root. Default: the"
                    + " images have it")
    @Nullable
    String dataClaim;

    @Option(
            names = "--store",
            paramLabel = "s3://BUCKET/PREFIX",
            defaultValue = "${env:" + OperatorVariables.STORE + "}",
            description = "Store of artifacts, unless spec.storage names one. Each namespace has a prefix of its own"
                    + " below it: PREFIX/NAMESPACE.")
    @Nullable
    String store;

    @Option(
            names = "--store-endpoint",
            paramLabel = "URL",
            defaultValue = "${env:" + OperatorVariables.STORE_ENDPOINT + "}",
            description = "Server of --store. Default: AWS")
    @Nullable
    String storeEndpoint;

    @Option(
            names = "--store-region",
            paramLabel = "REGION",
            defaultValue = "${env:" + OperatorVariables.STORE_REGION + "}",
            description = "Region of --store. Default: that of the AWS settings, or us-east-1 with an endpoint")
    @Nullable
    String storeRegion;

    @Option(
            names = "--store-secret",
            paramLabel = "NAME",
            defaultValue = "${env:" + OperatorVariables.STORE_SECRET + "}",
            description = "Secret of the experiment's namespace with the credentials of --store. Default: the identity"
                    + " of the pods")
    @Nullable
    String storeSecret;

    @Option(
            names = "--share-store",
            defaultValue = "${env:" + OperatorVariables.SHARE_STORE + ":-false}",
            description = "All namespaces use --store as it is, and so each other's results.")
    boolean shareStore;

    @Option(
            names = "--allow-endpoint",
            paramLabel = "URL",
            split = ",",
            defaultValue = "${env:MOCO_ALLOW_ENDPOINT}",
            description = "Server that spec.storage may name, or aws; may be repeated. Default: all")
    List<String> allowedEndpoints = List.of();

    @Option(
            names = "--allow-bucket",
            paramLabel = "URL",
            split = ",",
            defaultValue = "${env:MOCO_ALLOW_BUCKET}",
            description = "s3://BUCKET[/PREFIX] or http(s)://HOST[:PORT]/BUCKET[/PREFIX] that the operator reads with"
                    + " its own identity for experiments without a Secret, as store or raw data; may be repeated."
                    + " {namespace} stands for the experiment's. Default: only --store")
    List<String> allowedBuckets = List.of();

    @Option(
            names = "--leader-election",
            defaultValue = "${env:MOCO_LEADER_ELECTION:-false}",
            description =
                    "Act only while holding the Lease moco-operator, of which several processes have one at a time.")
    boolean leaderElection;

    @Option(
            names = "--lease-namespace",
            paramLabel = "NS",
            defaultValue = "${env:MOCO_LEASE_NAMESPACE}",
            description = "Namespace of the Lease. Default: the pod's")
    @Nullable
    String leaseNamespace;

    @Option(
            names = "--health-address",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:MOCO_HEALTH_ADDRESS:-127.0.0.1:8081}",
            description = "Address of /healthz and /readyz, or off. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init") // set by picocli
    String healthAddress;

    @Option(
            names = "--metrics-address",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:MOCO_METRICS_ADDRESS:-127.0.0.1:8080}",
            description = "Address of /metrics, or off. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init") // set by picocli
    String metricsAddress;

    @Option(
            names = "--progress-seconds",
            paramLabel = "N",
            defaultValue = "${env:MOCO_PROGRESS_SECONDS:-10}",
            description = "Time between two reads of a running stage's progress; longer if many run. Default:"
                    + " ${DEFAULT-VALUE}")
    int progressSeconds;

    @Override
    public Integer call() throws InterruptedException {
        log();
        System.setProperty("java.awt.headless", "true");
        Config cluster = new ConfigBuilder().build();
        CountDownLatch stop = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        MoCoOperator operator = MoCoOperator.start(cluster, settings(cluster.getNamespace()), OperatorCommand::end);
        // The SDK does not combine its own shutdown hook with leader election.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> await(stop, stopped), "stop"));
        stop.await();
        operator.close();
        stopped.countDown();
        return ExitCode.DONE;
    }

    private static void await(CountDownLatch stop, CountDownLatch stopped) {
        stop.countDown();
        try {
            if (stopped.await(STOP_SECONDS, TimeUnit.SECONDS)) {
                Runtime.getRuntime().halt(ExitCode.DONE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Halts without shutdown hooks, since another process acts already. */
    private static void end() {
        Runtime.getRuntime().halt(ExitCode.FAULT);
    }

    // No type of the Kubernetes client in a signature, since Picocli loads all of them for every command.
    private OperatorSettings settings(@Nullable String ownNamespace) {
        return new OperatorSettings(
                new OperatorConfig(
                        stageImage,
                        Optional.ofNullable(dataRoot),
                        Optional.ofNullable(dataClaim),
                        new StoreRules(
                                Optional.ofNullable(location()),
                                Optional.ofNullable(storeSecret),
                                shareStore,
                                allowedEndpoints,
                                allowedBuckets.stream().map(AllowedBucket::new).toList())),
                namespaces == null ? Set.of() : Set.copyOf(namespaces),
                leaderElection ? Optional.of(election(ownNamespace)) : Optional.empty(),
                address("--health-address", healthAddress),
                address("--metrics-address", metricsAddress),
                Duration.ofSeconds(progressSeconds));
    }

    private @Nullable StoreLocation location() {
        if (store == null) {
            if (storeEndpoint != null || storeRegion != null || storeSecret != null || shareStore) {
                throw StageFailure.badConfig("--store-endpoint, --store-region, --store-secret and --share-store are"
                        + " about --store, which is not given");
            }
            return null;
        }
        StoreLocation named = StoreLocation.of("--store", store);
        return new StoreLocation(
                named.bucket(), named.prefix(), storeEndpoint, storeRegion, storeEndpoint != null, named.checksums());
    }

    private Election election(@Nullable String ownNamespace) {
        String namespace = leaseNamespace == null ? ownNamespace : leaseNamespace;
        if (namespace == null) {
            throw StageFailure.badConfig("--leader-election needs --lease-namespace outside a cluster");
        }
        String host = System.getenv("HOSTNAME");
        String random = UUID.randomUUID().toString();
        return new Election(namespace, host == null ? random : host + "_" + random.substring(0, 8));
    }

    private static Optional<InetSocketAddress> address(String option, String text) {
        if (text.equals("off")) {
            return Optional.empty();
        }
        int colon = text.lastIndexOf(':');
        try {
            return Optional.of(new InetSocketAddress(
                    text.substring(0, Math.max(0, colon)), Integer.parseInt(text.substring(colon + 1))));
        } catch (IllegalArgumentException e) {
            throw StageFailure.badConfig(option + " must be HOST:PORT or off, found \"" + text + "\"", e);
        }
    }

    /** Logs to the standard output, where a cluster collects logs. */
    private static void log() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        URL file = OperatorCommand.class.getResource("/logback-operator.xml");
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        context.reset();
        try {
            configurator.doConfigure(file);
        } catch (JoranException e) {
            throw new IllegalStateException("the log's own settings are broken", e);
        }
    }
}
