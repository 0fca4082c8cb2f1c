package com.example.archive;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;

/** Recordings in an archive that is reached over HTTP. */
public class HttpArchiveStorage implements RecordingLookup {

    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9-]{1,64}");

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final URI archive;
    private final String token;
    private final Duration timeout;

    /** An archive at a URL that ends with a slash. */
    public HttpArchiveStorage(URI archive, String token, Duration timeout) {
        this.archive = archive;
        this.token = token;
        this.timeout = timeout;
    }

    @Override
    public String name() {
        return "archive";
    }

    @Override
    public String target() {
        return "archive " + archive;
    }

    @Override
    public DeletionResult delete(Recording recording) {
        return send("DELETE", recording);
    }

    @Override
    public DeletionResult lookUp(Recording recording) {
        return send("HEAD", recording);
    }

    private DeletionResult send(String method, Recording recording) {
        String key = recording.storageKey();
        if (key == null || !KEY.matcher(key).matches()) {
            return DeletionResult.refusedUnsent("the key is not one of the archive's");
        }
        HttpRequest request = HttpRequest.newBuilder(archive.resolve("recordings/" + key))
                .method(method, BodyPublishers.noBody())
                .header("Authorization", "Bearer " + token)
                .timeout(timeout)
                .build();
        try {
            HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
            response.body().close(); // unread, so that one without an end delays nothing
            return answer(method, response.statusCode());
        } catch (ConnectException | HttpConnectTimeoutException e) {
            return DeletionResult.tryLater(method + ": no connection", null, true);
        } catch (IOException e) {
            String cause = method + " " + e.getClass().getSimpleName();
            return DeletionResult.tryLater(cause, null, false);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return DeletionResult.tryLater(method + " interrupted", null, false);
        }
    }

    private static DeletionResult answer(String method, int status) {
        if (method.equals("DELETE") && status == 204) {
            return DeletionResult.deleted("DELETE 204, " + Instant.now());
        }
        if (method.equals("HEAD") && status == 200) {
            return DeletionResult.stillThere();
        }
        return switch (status) {
            case 401, 403 -> DeletionResult.stop("the archive refuses the token, status " + status);
            case 404 -> DeletionResult.notFound();
            case 429 -> DeletionResult.throttled("status 429", null);
            default -> DeletionResult.tryLater("status " + status, null, false);
        };
    }
}
