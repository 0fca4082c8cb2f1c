package dev.retention.starter;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

class StarterTest {

    @Test
    void bringsTheFourModulesOfASpringApplicationAndNothingElse() throws Exception {
        List<String> brought = new ArrayList<>();
        for (Element dependency : dependencies(Path.of("pom.xml"), "project", "dependencies")) {
            if (!text(dependency, "scope").equals("test")) {
                assertThat(text(dependency, "groupId")).isEqualTo("dev.retention");
                assertThat(text(dependency, "optional")).isEmpty();
                brought.add(text(dependency, "artifactId") + text(dependency, "scope"));
            }
        }
        assertThat(brought)
                .containsExactlyInAnyOrder(
                        "retention-core", "retention-spring-autoconfigure", "retention-jpa", "retention-twilio");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dev.retention.RetentionSweeper",
                "dev.retention.jpa.JpaRecordingRepository",
                "dev.retention.twilio.TwilioRecordingStorage",
                "jakarta.persistence.EntityManagerFactory",
                "com.twilio.http.TwilioRestClient",
                "org.springframework.boot.autoconfigure.AutoConfiguration"
            })
    void eachOfThemIsOnTheClassPathWithWhatItNeeds(String type) throws Exception {
        assertThat(Class.forName(type, false, StarterTest.class.getClassLoader()))
                .isNotNull();
    }

    @Test
    void doesNotChooseThePersistenceProviderForTheApplication() {
        assertThat(StarterTest.class.getResource("/org/hibernate/SessionFactory.class"))
                .isNull();
        assertThat(StarterTest.class.getResource("/dev/retention/test")).isNull();
    }

    @Test
    void theBillOfMaterialsNamesEachPublishedModuleAndNoOther() throws Exception {
        List<String> published = new ArrayList<>();
        try (var folders = Files.newDirectoryStream(Path.of(".."), "retention-*")) {
            for (Path folder : folders) {
                String name = folder.getFileName().toString();
                if (Files.exists(folder.resolve("pom.xml")) && !name.equals("retention-bom")) {
                    published.add(name + ":${project.version}");
                }
            }
        }
        List<String> named = new ArrayList<>();
        for (Element dependency :
                dependencies(Path.of("../retention-bom/pom.xml"), "dependencyManagement", "dependencies")) {
            named.add(text(dependency, "artifactId") + ":" + text(dependency, "version"));
        }
        assertThat(named).containsExactlyInAnyOrderElementsOf(published);
    }

    @Test
    void theBillOfMaterialsHasTheVersionOfTheModules() throws Exception {
        String bom = text(root(Path.of("../retention-bom/pom.xml")), "version");
        assertThat(bom).isNotEmpty().isEqualTo(text(root(Path.of("../pom.xml")), "version"));
    }

    private static List<Element> dependencies(Path pom, String parent, String list) throws Exception {
        List<Element> found = new ArrayList<>();
        var all = root(pom).getElementsByTagName("dependency");
        for (int i = 0; i < all.getLength(); i++) {
            Node dependencies = all.item(i).getParentNode();
            if (dependencies.getNodeName().equals(list)
                    && dependencies.getParentNode().getNodeName().equals(parent)) {
                found.add((Element) all.item(i));
            }
        }
        return found;
    }

    private static Element root(Path pom) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(pom.toFile())
                .getDocumentElement();
    }

    /** The text of a direct child, or nothing. */
    private static String text(Element element, String child) {
        for (Node node = element.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node.getNodeName().equals(child)) {
                return node.getTextContent().strip();
            }
        }
        return "";
    }
}
