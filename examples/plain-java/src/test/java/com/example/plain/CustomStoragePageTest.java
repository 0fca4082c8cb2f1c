package com.example.plain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page docs/custom-storage.md shows the code that is tested. */
class CustomStoragePageTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "src/main/java/com/example/plain/LocalFolderStorage.java",
                "src/test/java/com/example/plain/LocalFolderStorageTest.java"
            })
    void showsTheWholeClass(String file) throws IOException {
        String source = Files.readString(Path.of(file));
        String type = source.substring(source.indexOf("\n\n", source.lastIndexOf("\nimport ")) + 2);
        assertThat(Files.readString(Path.of("..", "..", "docs", "custom-storage.md")))
                .contains("```java\n" + type + "```");
    }
}
