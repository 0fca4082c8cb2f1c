package dev.retention.autoconfigure;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A running application with a web server on a free port, as an operator's HTTP client sees it. */
final class WebEngine implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.shared();

    static {
        // A starting application would reset the logging of all tests that run at the same time.
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
    }

    private final ConfigurableApplicationContext context;
    private final HttpClient client = HttpClient.newHttpClient();

    private WebEngine(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /** An answer over HTTP. */
    record Answer(int status, JsonNode body) {}

    /**
     * Starts it with all auto-configurations that this class path offers, and the properties given as
     * {@code name=value}.
     */
    static WebEngine start(Class<?> configuration, String... properties) {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--spring.main.banner-mode=off",
                "--management.endpoints.web.exposure.include=retention,retentionholds,retentionevidence,health",
                "--retention.schedule.cron=-"));
        for (String property : properties) {
            arguments.add("--" + property);
        }
        return new WebEngine(new SpringApplicationBuilder(configuration)
                .web(WebApplicationType.SERVLET)
                .registerShutdownHook(false)
                .run(arguments.toArray(String[]::new)));
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    /** Reads the endpoint, with a query such as {@code ?limit=2}. */
    Answer get(String query) {
        return getAt("retention" + query);
    }

    /** Reads another endpoint of Actuator. */
    Answer getAt(String path) {
        return send(request(path).GET().build());
    }

    /** Reads a path of the application itself. */
    Answer getPage(String path) {
        return send(HttpRequest.newBuilder(at(path)).GET().build());
    }

    /** Sends an operation with its parameters as a JSON object. */
    Answer post(Map<String, ?> parameters) {
        return postTo("retention", parameters);
    }

    /** Sends an operation to another endpoint. */
    Answer postTo(String path, Map<String, ?> parameters) {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(parameters)))
                .build());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(at("actuator/" + path));
    }

    private URI at(String path) {
        return URI.create(
                "http://localhost:" + context.getEnvironment().getRequiredProperty("local.server.port") + "/" + path);
    }

    private Answer send(HttpRequest request) {
        try {
            var response = client.send(request, BodyHandlers.ofString());
            return new Answer(
                    response.statusCode(),
                    response.body().isEmpty() ? JSON.createObjectNode() : JSON.readTree(response.body()));
        } catch (IOException e) {
            throw new IllegalStateException("no answer over HTTP", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
