package dev.moco.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.EventBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobWarningsTest {
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = ';',
            value = {
                "FailedCreate; Error creating: pods \"detect-12-3-x7k2p\" is forbidden: exceeded quota: none;"
                        + " no pod of it can be created: pods \"detect-12\" is forbidden: exceeded quota: none",
                "FailedCreate; (combined from similar events): Error creating: pods \"detect-12-x7k2p\" is forbidden: no;"
                        + " no pod of it can be created: pods \"detect-12\" is forbidden: no",
                "FailedCreate; Error creating: Internal error occurred: failed calling webhook \"a-b\": refused;"
                        + " no pod of it can be created: Internal error occurred: failed calling webhook \"a-b\": refused",
                "TooManyPods; there are others; TooManyPods: there are others"
            })
    void aWarningIsTheSameForEachAttempt(String reason, String message, String text) {
        assertThat(JobWarnings.text(new EventBuilder()
                        .withReason(reason)
                        .withMessage(message)
                        .withNewInvolvedObject()
                        .withName("detect-12")
                        .endInvolvedObject()
                        .build()))
                .isEqualTo(text);
    }

    @Test
    void littleOfALongTextIsKept() {
        String text = JobWarnings.text(new EventBuilder()
                .withReason("Forged")
                .withMessage("x".repeat(1 << 20))
                .build());
        assertThat(text).hasSize("Forged: ".length() + 1024);
    }
}
