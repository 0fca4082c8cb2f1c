package com.example.plain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The program")
class PlainJavaMainTest {

    @Test
    void deletesTheFilesThatAreDueAndNotHeld(@TempDir Path folder) throws IOException {
        SweepReport report = PlainJavaMain.run(folder);
        assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(report.deleted()).isEqualTo(4);
        assertThat(report.held()).isEqualTo(1);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".wav")))
                    .containsExactlyInAnyOrder("call-0.wav", "call-30.wav", "call-89.wav", "call-365.wav");
        }
    }
}
