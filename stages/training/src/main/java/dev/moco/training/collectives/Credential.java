package dev.moco.training.collectives;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Secret of one launch, which its launcher draws and gives to its processes in their environment. Both ends of a connection
 * prove that they have it, without sending it, so that no other program on the machine joins or is joined.
 */
final class Credential {
    private static final int BYTES = 32;
    private static final String ALGORITHM = "HmacSHA256";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SecretKeySpec key;
    private final String text;

    private Credential(byte[] secret) {
        key = new SecretKeySpec(secret, ALGORITHM);
        text = HexFormat.of().formatHex(secret);
    }

    static Credential draw() {
        return new Credential(random());
    }

    /** Reads what {@link #text} gives. */
    static Credential parse(String text) {
        byte[] secret = HexFormat.of().parseHex(text);
        if (secret.length != BYTES) {
            throw new IllegalArgumentException("a secret must have " + BYTES + " bytes, found " + secret.length);
        }
        return new Credential(secret);
    }

    String text() {
        return text;
    }

    /** The end that connects: says its number, and proves itself after the other end has. */
    void connect(Socket socket, int index) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        byte[] mine = random();
        out.write(mine);
        out.writeInt(index);
        out.flush();
        byte[] theirs = in.readNBytes(BYTES);
        require(in.readNBytes(BYTES), proof("accept", mine, theirs, index));
        out.write(proof("connect", mine, theirs, index));
        out.flush();
    }

    /**
     * The end that accepts; returns the number of the process that connects.
     *
     * @throws IOException if it does not prove that it has the secret
     */
    int accept(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        byte[] theirs = in.readNBytes(BYTES);
        int index = in.readInt();
        byte[] mine = random();
        out.write(mine);
        out.write(proof("accept", theirs, mine, index));
        out.flush();
        require(in.readNBytes(BYTES), proof("connect", theirs, mine, index));
        return index;
    }

    private static void require(byte[] found, byte[] expected) throws IOException {
        if (!MessageDigest.isEqual(found, expected)) {
            throw new IOException("the other end of a connection does not have the secret of this launch");
        }
    }

    private byte[] proof(String end, byte[] connecting, byte[] accepting, int index) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(end.getBytes(StandardCharsets.US_ASCII));
            mac.update(connecting);
            mac.update(accepting);
            mac.update((byte) index);
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] random() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}
