package dev.moco.artifacts;

import java.time.Duration;

/**
 * Time limits of requests to S3. A request fails after each of them, even if its server goes on sending a byte now and
 * then.
 *
 * @param connect until a connection is made
 * @param silence without a byte
 * @param body for reading one response, as bytes or as a stream
 * @param attempt for one request, without the reading of a stream
 * @param call for a request with its repetitions, without the reading of a stream
 */
public record S3Timeouts(Duration connect, Duration silence, Duration body, Duration attempt, Duration call) {
    /** For stages and commands, which read and write large files. */
    public static final S3Timeouts FILES = new S3Timeouts(
            Duration.ofSeconds(10),
            Duration.ofMinutes(2),
            Duration.ofHours(2),
            Duration.ofMinutes(30),
            Duration.ofHours(2));

    /** For the operator, which reads small objects, and listings by pages, of servers that it does not trust. */
    public static final S3Timeouts METADATA = new S3Timeouts(
            Duration.ofSeconds(5),
            Duration.ofSeconds(15),
            Duration.ofSeconds(30),
            Duration.ofSeconds(45),
            Duration.ofSeconds(90));
}
