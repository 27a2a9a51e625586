package dev.moco.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.MicroTime;
import java.util.List;
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
                "FailedCreate; Error creating: pods \"detect-12-x7k2p\" is forbidden: violates PodSecurity \"restricted\";"
                        + " no pod of it can be created: pods \"detect-12\" is forbidden: violates PodSecurity \"restricted\"",
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

    @Test
    void theLastOccurrenceIsReadFromEitherKindOfEvent() {
        Event counted = event("Counted")
                .withFirstTimestamp("2026-01-01T00:00:00Z")
                .withLastTimestamp("2026-01-01T00:00:05Z")
                .withCount(9)
                .build();
        Event series = event("Series")
                .withEventTime(new MicroTime("2026-01-01T00:00:00.000000Z"))
                .withNewSeries()
                .withCount(9)
                .withLastObservedTime(new MicroTime("2026-01-01T00:00:06.000000Z"))
                .endSeries()
                .build();
        Event once = event("Once")
                .withEventTime(new MicroTime("2026-01-01T00:00:04.000000Z"))
                .build();
        Event created = event("Created")
                .editMetadata()
                .withCreationTimestamp("2026-01-01T00:00:07Z")
                .endMetadata()
                .build();
        Event untimed = event("Untimed").build();
        assertThat(JobWarnings.newest(List.of(counted, untimed, once))).contains("Counted: ");
        assertThat(JobWarnings.newest(List.of(series, counted, once))).contains("Series: ");
        assertThat(JobWarnings.newest(List.of(counted, created, series))).contains("Created: ");
        assertThat(JobWarnings.newest(List.of(untimed))).isEmpty();
    }

    private static EventBuilder event(String reason) {
        return new EventBuilder().withReason(reason).withNewMetadata().endMetadata();
    }
}
