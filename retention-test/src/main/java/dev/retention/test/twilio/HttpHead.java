package dev.retention.test.twilio;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request.
 *
 * @param target path and query exactly as they came over the wire
 * @param headers by their names in lower case
 */
record HttpHead(String method, String target, Map<String, String> headers) {

    private static final int MAX_LENGTH = 64 * 1024;

    /** The user and the password of basic authentication. */
    record Credentials(String user, String password) {}

    /** Reads a request's head and skips its body; null at the end of the connection or for what is no head. */
    static @Nullable HttpHead read(InputStream in) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int newlines = 0;
        while (newlines < 2) {
            int b = in.read();
            if (b < 0 || bytes.size() > MAX_LENGTH) {
                return null;
            }
            bytes.write(b);
            if (b == '\n') {
                newlines++;
            } else if (b != '\r') {
                newlines = 0;
            }
        }
        HttpHead head = parse(bytes.toString(StandardCharsets.ISO_8859_1).split("\r?\n"));
        if (head != null) {
            in.skipNBytes(Long.parseLong(head.headers().getOrDefault("content-length", "0")));
        }
        return head;
    }

    private static @Nullable HttpHead parse(String[] lines) {
        String[] request = lines[0].split(" ", 3);
        if (request.length != 3) {
            return null;
        }
        Map<String, String> headers = new HashMap<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon > 0) {
                headers.put(
                        lines[i].substring(0, colon).trim().toLowerCase(Locale.ROOT),
                        lines[i].substring(colon + 1).trim());
            }
        }
        return new HttpHead(request[0], request[1], headers);
    }

    /** Whom the request claims to come from, whether or not that is so; null where it has no readable credentials. */
    @Nullable
    Credentials credentials() {
        String header = headers.getOrDefault("authorization", "");
        if (!header.startsWith("Basic ")) {
            return null;
        }
        try {
            String decoded =
                    new String(Base64.getDecoder().decode(header.substring(6).trim()), StandardCharsets.UTF_8);
            int colon = decoded.indexOf(':');
            return colon < 0 ? null : new Credentials(decoded.substring(0, colon), decoded.substring(colon + 1));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The decoded parameters of the query. */
    Map<String, String> query() {
        Map<String, String> query = new HashMap<>();
        for (String pair : rawQuery().split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                query.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
            }
        }
        return query;
    }

    /** The decoded names in the query, each as often as it is there; also those without a value. */
    List<String> queryNames() {
        return Arrays.stream(rawQuery().split("&"))
                .filter(pair -> !pair.isEmpty())
                .map(pair -> decoded(pair.split("=", 2)[0]))
                .toList();
    }

    /** What follows the question mark; empty without one. */
    String rawQuery() {
        int mark = target.indexOf('?');
        return mark < 0 ? "" : target.substring(mark + 1);
    }

    /** What precedes the question mark. */
    String path() {
        int mark = target.indexOf('?');
        return mark < 0 ? target : target.substring(0, mark);
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }
}
