package dev.moco.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextFileTest {
    private static final String TEXT = "a: ü\nb: 字\n";

    @ParameterizedTest(name = "{0}, mark {1}")
    @CsvSource({"UTF-8, false", "UTF-8, true", "UTF-16LE, true", "UTF-16BE, true"})
    void textIsReadAsItWasSaved(String charset, boolean mark) throws Exception {
        byte[] bytes = ((mark ? "\ufeff" : "") + TEXT).getBytes(Charset.forName(charset));
        assertThat(TextFile.decode(bytes)).isEqualTo(TEXT);
    }

    @Test
    void otherEncodingsAreNamedWithThePlace() {
        assertThatThrownBy(() -> TextFile.decode("a: b\n# für".getBytes(StandardCharsets.ISO_8859_1)))
                .isInstanceOf(CharacterCodingException.class)
                .hasMessage("not UTF-8: byte fc at line 2, column 4; save it as UTF-8");
        assertThatThrownBy(() -> TextFile.decode(new byte[] {(byte) 0xff, (byte) 0xfe, 0, (byte) 0xdc, 'a', 0}))
                .hasMessage("not UTF-16LE: byte 00 at line 1, column 1; save it as UTF-8");
    }

    @Test
    void anEmptyFileIsEmpty() throws Exception {
        assertThat(TextFile.decode(new byte[0])).isEmpty();
    }
}
