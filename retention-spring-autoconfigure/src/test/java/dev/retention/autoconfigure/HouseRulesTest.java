package dev.retention.autoconfigure;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnitAccess;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What keeps the sources readable. These rules are here because this module sees all published ones. */
class HouseRulesTest {

    private static final int MOST_ARGUMENTS = 7;
    private static final int MOST_LINES = 350;
    private static final int MOST_COLUMNS = 120;

    private static final List<String> PUBLISHED = List.of(
            "retention-core", "retention-jpa", "retention-twilio", "retention-spring-autoconfigure", "retention-test");

    /** Directories that hold no sources of the project. */
    private static final Set<String> NO_SOURCES = Set.of("target", ".git");

    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    private static final Pattern FIRST_COMMENT = Pattern.compile("/\\*(.*?)\\*/", Pattern.DOTALL);
    private static final Pattern REASON = Pattern.compile("\\bOne class, \\w");

    /** More arguments in a row are mixed up too easily: a builder names them. */
    @Test
    void noCallPassesMoreArgumentsThanAReaderCanTellApart() {
        classes()
                .that()
                .resideInAPackage("dev.retention..")
                .should(new ArchCondition<>("pass at most " + MOST_ARGUMENTS + " arguments") {
                    @Override
                    public void check(JavaClass caller, ConditionEvents events) {
                        caller.getAccessesFromSelf().stream()
                                .filter(JavaCodeUnitAccess.class::isInstance)
                                .map(access -> (JavaCodeUnitAccess<?>) access)
                                .filter(call ->
                                        call.getTargetOwner().getPackageName().startsWith("dev.retention"))
                                .filter(call -> arguments(call) > MOST_ARGUMENTS && !isOfOwnRecord(call))
                                .forEach(
                                        call -> events.add(SimpleConditionEvent.violated(call, call.getDescription())));
                    }
                })
                .check(new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("dev.retention"));
    }

    /** An enum's constructor gets the constant's name and number from the compiler. */
    private static int arguments(JavaCodeUnitAccess<?> call) {
        int passed = call.getTarget().getRawParameterTypes().size();
        return call.getTargetOwner().isEnum() && call instanceof JavaConstructorCall ? passed - 2 : passed;
    }

    /** A record with many components has a builder or a factory beside it, and that must call the constructor. */
    private static boolean isOfOwnRecord(JavaCodeUnitAccess<?> call) {
        JavaClass target = call.getTargetOwner();
        return call instanceof JavaConstructorCall
                && target.isRecord()
                && outermost(target).equals(outermost(call.getOriginOwner()));
    }

    private static JavaClass outermost(JavaClass nested) {
        return nested.getEnclosingClass().map(HouseRulesTest::outermost).orElse(nested);
    }

    @Test
    void aLongClassSaysWhyItIsOneClass() throws IOException {
        List<String> unexplained = new ArrayList<>();
        for (String module : PUBLISHED) {
            List<Path> sources = sources(ROOT.resolve(module).resolve("src/main/java"));
            assertThat(sources).as(module).isNotEmpty();
            for (Path source : sources) {
                int lines = Files.readAllLines(source).size();
                if (lines > MOST_LINES && !saysWhy(Files.readString(source))) {
                    unexplained.add(ROOT.relativize(source) + " has " + lines
                            + " lines; split it, or begin the reason in its first comment with \"One class,\"");
                }
            }
        }
        assertThat(unexplained).isEmpty();
    }

    private static boolean saysWhy(String source) {
        Matcher comment = FIRST_COMMENT.matcher(source);
        return comment.find()
                && REASON.matcher(comment.group(1).replaceAll("\\s+(\\* )?", " "))
                        .find();
    }

    /** The formatter leaves long literals and text blocks as they are. */
    @Test
    void noLineIsLongerThanTheFormatterWouldMakeIt() throws IOException {
        List<String> tooLong = new ArrayList<>();
        List<Path> sources = sources(ROOT);
        assertThat(sources).hasSizeGreaterThan(100);
        for (Path source : sources) {
            List<String> lines = Files.readAllLines(source);
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                if (line.codePointCount(0, line.length()) > MOST_COLUMNS) {
                    tooLong.add(
                            ROOT.relativize(source) + ":" + (i + 1) + " is longer than " + MOST_COLUMNS + " columns");
                }
            }
        }
        assertThat(tooLong).isEmpty();
    }

    private static List<Path> sources(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(HouseRulesTest::isMeasured)
                    .sorted()
                    .toList();
        }
    }

    private static boolean isMeasured(Path file) {
        Path inside = ROOT.relativize(file);
        for (Path part : inside) {
            if (NO_SOURCES.contains(part.toString())) {
                return false;
            }
        }
        return true;
    }
}
