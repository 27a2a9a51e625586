package dev.moco.training.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CredentialTest {
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
        try (ServerSocketChannel ofFirst = Ring.listen();
                ServerSocketChannel ofSecond = Ring.listen();
                Socket neighbor = new Socket(InetAddress.getLoopbackAddress(), Ring.port(ofFirst))) {
            CompletableFuture<Boolean> refused = CompletableFuture.supplyAsync(() -> {
                try (neighbor) {
                    Credential.draw().connect(neighbor, 1);
                    return false;
                } catch (IOException e) {
                    return String.valueOf(e.getMessage())
                            .equals("the other end of a connection does not have the secret of this launch");
                }
            });
            CompletableFuture<Ring> ring =
                    CompletableFuture.supplyAsync(() -> Ring.connect(second, credential, ofSecond, Ring.port(ofFirst)));
            try (Ring joined = Ring.connect(first, credential, ofFirst, Ring.port(ofSecond));
                    Ring other = ring.get(10, TimeUnit.MINUTES)) {
                assertThat(joined).isNotSameAs(other);
            }
            // The neighbor's own check of the other end fails before it could prove anything.
            assertThat(refused.get(10, TimeUnit.MINUTES)).isTrue();
        }
    }

    @Test
    void aGuessedProofIsRefused() throws Exception {
        try (ServerSocketChannel listening = Ring.listen();
                Socket neighbor = new Socket(InetAddress.getLoopbackAddress(), Ring.port(listening))) {
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

    @Test
    void portsAreOnLoopbackOnly() throws IOException {
        try (ServerSocketChannel listening = Ring.listen()) {
            assertThat(((InetSocketAddress) listening.getLocalAddress())
                            .getAddress()
                            .isLoopbackAddress())
                    .isTrue();
        }
    }
}
