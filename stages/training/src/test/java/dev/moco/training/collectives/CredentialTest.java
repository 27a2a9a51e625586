package dev.moco.training.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CredentialTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final Credential credential = Credential.draw();

    @Test
    void aSecretSurvivesTheEnvironment() {
        assertThat(Credential.parse(credential.text()).text()).isEqualTo(credential.text());
        assertThat(Credential.draw().text()).isNotEqualTo(credential.text());
        assertThatThrownBy(() -> Credential.parse("00")).hasMessage("a secret must have 32 bytes, found 1");
    }

    @Test
    void whoeverHasNoSecretNeitherJoinsNorIsInTheWay() throws Exception {
        World first = new World(0, 2);
        World second = new World(1, 2);
        try (ServerSocketChannel ofFirst = Ring.listen(LOOPBACK);
                ServerSocketChannel ofSecond = Ring.listen(LOOPBACK);
                Socket neighbor = new Socket(LOOPBACK, Ring.port(ofFirst))) {
            CompletableFuture<Boolean> refused = CompletableFuture.supplyAsync(() -> {
                try (neighbor) {
                    Credential.draw().connect(neighbor, 1);
                    return false;
                } catch (IOException e) {
                    // Also where the ring was closed to others before the neighbor had its turn.
                    return true;
                }
            });
            CompletableFuture<Ring> ring =
                    CompletableFuture.supplyAsync(() -> Ring.connect(second, credential, ofSecond, address(ofFirst)));
            try (Ring joined = Ring.connect(first, credential, ofFirst, address(ofSecond));
                    Ring other = ring.get(10, TimeUnit.MINUTES)) {
                assertThat(joined).isNotSameAs(other);
            }
            // The neighbor's own check of the other end fails before it could prove anything.
            assertThat(refused.get(10, TimeUnit.MINUTES)).isTrue();
        }
    }

    @Test
    void aGuessedProofIsRefused() throws Exception {
        try (ServerSocketChannel listening = Ring.listen(LOOPBACK);
                Socket neighbor = new Socket(LOOPBACK, Ring.port(listening))) {
            CompletableFuture<Integer> accepted = CompletableFuture.supplyAsync(() -> {
                try {
                    return credential.accept(listening.accept().socket());
                } catch (IOException e) {
                    return -1;
                }
            });
            neighbor.getOutputStream().write(new byte[32 + 4 + 32]);
            neighbor.getOutputStream().flush();
            assertThat(accepted.get(10, TimeUnit.MINUTES)).isEqualTo(-1);
        }
    }

    private static InetSocketAddress address(ServerSocketChannel listening) {
        return new InetSocketAddress(LOOPBACK, Ring.port(listening));
    }

    @Test
    void neighborsThatConnectAndSayNothingDelayNobody() throws Exception {
        World first = new World(0, 2);
        World second = new World(1, 2);
        List<Socket> silent = new ArrayList<>();
        try (ServerSocketChannel ofFirst = Ring.listen(LOOPBACK);
                ServerSocketChannel ofSecond = Ring.listen(LOOPBACK)) {
            CompletableFuture<Ring> ring =
                    CompletableFuture.supplyAsync(() -> Ring.connect(first, credential, ofFirst, address(ofSecond)));
            // More than wait for proof at a time, so that the oldest have to make room.
            for (int i = 0; i < 2 * Admission.MOST_UNPROVEN; i++) {
                silent.add(new Socket(LOOPBACK, Ring.port(ofFirst)));
            }
            try (Ring joined = Ring.connect(second, credential, ofSecond, address(ofFirst));
                    Ring other = ring.get(10, TimeUnit.MINUTES)) {
                assertThat(joined).isNotSameAs(other);
            }
            for (Socket refused : silent) {
                refused.setSoTimeout(600_000);
                assertThatThrownBy(() -> {
                            if (refused.getInputStream().read() < 0) {
                                throw new IOException("closed");
                            }
                        })
                        .isInstanceOf(IOException.class)
                        .isNotInstanceOf(SocketTimeoutException.class);
            }
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void aNeighborThatNeverComesIsGivenUp() throws Exception {
        try (ServerSocketChannel ofFirst = Ring.listen(LOOPBACK);
                ServerSocketChannel ofSecond = Ring.listen(LOOPBACK)) {
            // The second accepts, and connects to nobody.
            CompletableFuture<Integer> accepted = CompletableFuture.supplyAsync(() -> {
                try {
                    return credential.accept(ofSecond.accept().socket());
                } catch (IOException e) {
                    return -1;
                }
            });
            assertThatThrownBy(() -> Ring.connect(
                            new World(0, 2), credential, ofFirst, address(ofSecond), Duration.ofSeconds(10)))
                    .isInstanceOf(PeerLostException.class)
                    .hasMessage("process 0 of 2 cannot connect to the others: process 1 did not connect within 10 s");
            assertThat(accepted.get(10, TimeUnit.MINUTES)).isZero();
        }
    }

    @Test
    void portsAreOnLoopbackButForTheOneThatAnotherNodeConnectsTo() throws IOException {
        Node node = new Node(1, 2, "192.0.2.7", "pod", "job");
        assertThat(Ring.ownAddress(new World(0, 4), Node.ALONE)).isEqualTo(LOOPBACK);
        assertThat(Ring.ownAddress(new World(3, 4, 2), node)).isEqualTo(LOOPBACK);
        assertThat(Ring.ownAddress(new World(2, 4, 2), node).getHostAddress()).isEqualTo("192.0.2.7");
        try (ServerSocketChannel listening = Ring.listen(LOOPBACK)) {
            assertThat(((InetSocketAddress) listening.getLocalAddress()).getAddress())
                    .isEqualTo(LOOPBACK);
        }
    }
}
