package dev.moco.operator.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.UncheckedIOException;

/** Resources with statuses as an operator writes them. */
final class TestResources {
    static final YAMLMapper YAML = new YAMLMapper();

    private TestResources() {}

    static ExperimentView view(String yaml) {
        try {
            return new ExperimentView(YAML.readTree(yaml));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Row (d) of Table 1, with a status. */
    static ExperimentView table1(String name, String status) {
        return view("""
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata:
                  name: %s
                  namespace: papers
                  creationTimestamp: "2026-01-01T00:00:00Z"
                  generation: 1
                spec:
                  data: {imagenet: "s3://raw/imagenet", voc: "s3://raw/voc"}
                  storage: {bucket: experiments, prefix: moco}
                """.formatted(name) + status);
    }

    static ExperimentView running() {
        return table1("table1-d", """
                status:
                  conditions:
                    - {type: Ready, status: "False", reason: InProgress, message: pretrain}
                    - {type: Succeeded, status: Unknown, reason: InProgress, message: ""}
                    - {type: DataLoaderBound, status: "True", reason: DataWait, message: "pretrain waits 34% of its time"}
                  summary: {stage: pretrain, progress: 34%, eta: 12h04m, loss: "6.731", imagesPerSecond: "812"}
                  stages:
                    - name: prepare-imagenet
                      stage: prepare
                      state: Succeeded
                      reason: committed
                      key: 0123456789ab
                      digest: ba9876543210
                      startTime: "2026-01-01T00:00:10Z"
                      completionTime: "2026-01-01T01:30:10Z"
                    - name: pretrain
                      stage: pretrain
                      state: Running
                      reason: runs
                      key: 3f2a91c0ffee
                      job: pretrain-3f2a91c0ffee
                      pod: pretrain-3f2a91c0ffee-xyz12
                      startTime: "2026-01-01T01:31:00Z"
                      infraFailures: 2
                      userFailures: 1
                      progress:
                        epoch: 67
                        epochs: 200
                        step: 335000
                        steps: 1000000
                        percent: 34
                        imagesPerSecond: 812
                        dataWaitPercent: 34
                        loss: "6.731"
                        etaSeconds: 43440
                        updated: "2026-01-02T00:00:00Z"
                    - {name: linear, stage: linear, state: Blocked, reason: needs pretrain; its key is known after that}
                """);
    }

    static ExperimentView succeeded() {
        return table1("table1-e", """
                status:
                  conditions:
                    - {type: Ready, status: "True", reason: Succeeded, message: every stage is committed}
                    - {type: Succeeded, status: "True", reason: Succeeded, message: ""}
                    - {type: Reproduced, status: "True", reason: WithinPublishedSpread, message: row (e)}
                  startTime: "2026-01-01T00:00:10Z"
                  completionTime: "2026-01-03T05:00:10Z"
                  reportUri: s3://experiments/moco/v1/experiments/papers/table1-e/7a1f/report.html
                  summary:
                    stage: Succeeded
                    progress: 7/7
                    top1: "67.4"
                    ap50: 82.5±0.1
                    ap: 57.0±0.2
                    ap75: 63.6±0.4
                    gpuHours: "424.0"
                    versusPaper: "-0.1"
                  stages:
                    - {name: pretrain, stage: pretrain, state: Succeeded, reason: committed, key: 3f2a91c0ffee,
                       job: pretrain-3f2a91c0ffee, pod: pretrain-3f2a91c0ffee-xyz12}
                  results:
                    - {metric: "Linear top-1, best epoch (98)", value: "67.4", untrained: "12.1", gain: "+55.3",
                       paper: "67.5", difference: "-0.1"}
                    - {metric: "VOC07 AP50, 5 trials", value: 82.5±0.1, paper: "82.4", difference: "+0.1"}
                  metrics:
                    - {name: linear.top1.best, value: 67.4, unit: "%", epoch: 97, untrained: 12.1, paper: 67.5}
                    - {name: detect.voc07.ap50, value: 82.5, unit: "%", std: 0.1, trials: 5, paper: 82.4}
                  report: "|  | this run |\\n|---|---|\\n| Linear top-1 | 67.4 |\\n"
                """);
    }
}
