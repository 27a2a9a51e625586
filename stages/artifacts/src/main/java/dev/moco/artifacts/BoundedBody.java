package dev.moco.artifacts;

import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** Body of a response in memory, of which no more is read than the limit and one byte. */
final class BoundedBody {
    private final byte[] bytes;
    private final @Nullable Long stated;
    private final int maxBytes;

    private BoundedBody(byte[] bytes, @Nullable Long stated, int maxBytes) {
        this.bytes = bytes;
        this.stated = stated;
        this.maxBytes = maxBytes;
    }

    /** Reads a body. If it is cut off, the exception lets the SDK repeat the request. */
    static BoundedBody read(GetObjectResponse response, AbortableInputStream body, int maxBytes) {
        try (InputStream whole = LengthCheckedBody.of(response, body, "the response")) {
            byte[] bytes = whole.readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes) {
                body.abort(); // closing would read on
            }
            return new BoundedBody(bytes, response.contentLength(), maxBytes);
        } catch (IOException e) {
            throw RetryableException.create(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * The whole body.
     *
     * @throws StageFailure bad data if it is larger than the limit
     */
    byte[] bytes(String name) {
        if (bytes.length > maxBytes) {
            throw tooLarge(name, stated, maxBytes);
        }
        return bytes;
    }

    static StageFailure tooLarge(String name, @Nullable Long size, int maxBytes) {
        return StageFailure.badData(name + " has " + (size == null ? "more than " + maxBytes : size)
                + " bytes; allowed are at most " + maxBytes);
    }
}
