package dev.retention.twilio;

import dev.retention.RetentionException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where requests go: to Twilio's own address, to one of its edges and regions, or to a base URL.
 *
 * @param base without a slash at its end
 */
record Place(
        @Nullable String edge,
        @Nullable String region,
        @Nullable URI base) {

    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?");
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.[0-9]{1,3}){3}|\\[::1]");

    /** @throws RetentionException when the settings contradict each other, or would send credentials in plain text */
    static Place of(@Nullable String edge, @Nullable String region, @Nullable URI baseUrl) {
        if ((edge == null) != (region == null)) {
            throw RetentionException.configuration("Twilio: " + (edge == null ? "a region is" : "an edge is")
                    + " given alone; give both edge and region, or neither");
        }
        if (edge != null
                && region != null
                && !(LABEL.matcher(edge).matches() && LABEL.matcher(region).matches())) {
            throw RetentionException.configuration("Twilio: the edge " + Sids.shape(edge) + " or the region "
                    + Sids.shape(region) + " is not a name such as dublin or ie1; it may have a-z, 0-9 and -");
        }
        if (baseUrl == null) {
            return new Place(edge, region, null);
        }
        if (edge != null) {
            throw RetentionException.configuration(
                    "Twilio: a base URL and an edge with a region are given; give one or the other");
        }
        check(baseUrl);
        return new Place(null, null, withoutSlash(baseUrl));
    }

    private static void check(URI url) {
        String scheme = url.getScheme();
        String host = url.getHost();
        if (host == null || !("https".equalsIgnoreCase(scheme) || "http".equalsIgnoreCase(scheme))) {
            throw RetentionException.configuration("Twilio: the base URL is not an absolute https URL with a host;"
                    + " give one such as https://gateway.example");
        }
        if (url.getRawUserInfo() != null || url.getRawQuery() != null || url.getRawFragment() != null) {
            throw RetentionException.configuration(
                    "Twilio: the base URL has a user, a query or a fragment; leave them out");
        }
        if ("http".equalsIgnoreCase(scheme) && !LOOPBACK.matcher(host).matches()) {
            throw RetentionException.configuration("Twilio: with this base URL the credentials would go to " + host
                    + " over plain http, which is allowed to loopback only; use https");
        }
    }

    private static URI withoutSlash(URI url) {
        String text = url.toString();
        return URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
    }

    /**
     * For people, and to tell one place from another; empty for Twilio's own address. A path is replaced by eight
     * digits of its SHA-256, since it may hold a secret.
     */
    String description() {
        if (edge != null) {
            return " at edge " + edge + ", region " + region;
        }
        if (base == null) {
            return "";
        }
        String path = base.getRawPath();
        return " at " + origin(base) + (path.isEmpty() ? "" : ", path " + digest(path));
    }

    /** The same text for each spelling of an address. */
    private static String origin(URI url) {
        String scheme = url.getScheme().toLowerCase(Locale.ROOT);
        boolean usualPort = url.getPort() == -1 || url.getPort() == (scheme.equals("https") ? 443 : 80);
        return scheme + "://" + url.getHost().toLowerCase(Locale.ROOT) + (usualPort ? "" : ":" + url.getPort());
    }

    /** Eight hexadecimal digits of a text's SHA-256. */
    static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
