package dev.moco.training.weights.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.Architecture;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import dev.moco.training.weights.exchange.EncoderExport.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Encoders come back from every format that is written. */
class RoundTripTest {
    @TempDir
    private Path folder;

    static String name(Target target) {
        return target
                + switch (target) {
                    case torchvision, timm -> ".pth";
                    case detectron2 -> ".pkl";
                    case safetensors -> ".safetensors";
                    case npz -> ".npz";
                };
    }

    @ParameterizedTest
    @EnumSource
    void everyTensorComesBack(Target target) throws IOException {
        for (String of : new String[] {"moco_v2_zip.pth.tar", "moco_v1_legacy_no_queue.pth.tar", "resnet_zip.pth"}) {
            EncoderState encoder =
                    WeightFiles.read(WeightFiles.folder().resolve(of)).encoder();
            Path file = folder.resolve(of + name(target));
            Path again = folder.resolve(of + "-again");

            EncoderExport.write(file, encoder, target);
            EncoderExport.write(again, encoder, target);

            ImportedEncoder found = WeightFiles.read(file);
            assertThat(WeightFiles.hashes(found.encoder())).isEqualTo(WeightFiles.hashes(encoder));
            assertThat(found.naming()).isEqualTo(target == Target.detectron2 ? Naming.DETECTRON2 : Naming.TORCHVISION);
            assertThat(Files.mismatch(file, again)).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBackboneComesBackWithoutItsHead(Target target) throws IOException {
        EncoderState encoder =
                WeightFiles.read(WeightFiles.folder().resolve("resnet_zip.pth")).encoder();
        Path file = folder.resolve(name(target));

        EncoderExport.write(file, encoder.withoutHead(), target);

        EncoderState found = WeightFiles.read(file).encoder();
        assertThat(found.hasHead()).isFalse();
        assertThat(WeightFiles.hashes(found)).isEqualTo(WeightFiles.hashes(encoder.withoutHead()));
    }

    @ParameterizedTest
    @EnumSource
    void ourEncoderComesBackWithItsArchitecture(Target target) throws IOException {
        EncoderLayout layout = EncoderLayout.of(Architecture.RESNET18, Head.MLP, 128);
        Path ours = folder.resolve(EncoderFile.NAME);
        EncoderFile.write(ours, layout, EncoderWeights.initial(layout, 1));
        Path file = folder.resolve(name(target));

        EncoderExport.write(file, EncoderImport.read(ours).encoder(), target);

        EncoderState found = EncoderImport.read(file).encoder();
        assertThat(found.architecture()).isEqualTo("resnet18");
        Path back = folder.resolve("back.safetensors");
        EncoderExport.writeOurs(back, found);
        assertThat(Files.mismatch(back, ours)).isEqualTo(-1);
    }

    @Test
    void safetensorsAreKnownWithoutTheirName() throws IOException {
        Path copy = Files.copy(WeightFiles.folder().resolve("resnet.safetensors"), folder.resolve("0287534f"));

        assertThat(WeightFiles.hashes(WeightFiles.read(copy).encoder()))
                .isEqualTo(WeightFiles.expectedHashes("supervised"));
    }

    @Test
    void aMocoCheckpointKeepsKeyEncoderAndQueue() throws IOException {
        ImportedEncoder read = WeightFiles.read(WeightFiles.folder().resolve("moco_v2_legacy.pth.tar"));
        Path file = folder.resolve("moco.safetensors");

        EncoderExport.writeMoco(file, read);

        ImportedEncoder found = WeightFiles.read(file);
        assertThat(found.isMoco()).isTrue();
        assertThat(WeightFiles.hashes(found.encoder())).isEqualTo(WeightFiles.hashes(read.encoder()));
        assertThat(WeightFiles.hashes(found.keyEncoder().orElseThrow()))
                .isEqualTo(WeightFiles.hashes(read.keyEncoder().orElseThrow()))
                .isNotEqualTo(WeightFiles.hashes(read.encoder()));
        assertThat(found.queue().map(WeightFiles::hash)).isEqualTo(read.queue().map(WeightFiles::hash));
        assertThat(found.pointer()).isEqualTo(read.pointer());
        assertThat(read.encoder().tensors())
                .hasEntrySatisfying(
                        "fc.2.bias",
                        bias -> assertThat(bias.shape())
                                .containsExactly(
                                        found.queue().orElseThrow().shape().get(0)));
    }
}
