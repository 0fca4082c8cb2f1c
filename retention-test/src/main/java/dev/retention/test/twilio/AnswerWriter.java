package dev.retention.test.twilio;

import dev.retention.test.twilio.TwilioFault.Delivery;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Sends an answer over a connection, as a fault wants it. */
final class AnswerWriter {

    private final Socket socket;
    private final OutputStream out;

    AnswerWriter(Socket socket, OutputStream out) {
        this.socket = socket;
        this.out = out;
    }

    /** Returns whether the connection can serve another request. */
    boolean send(HttpAnswer answer, @Nullable TwilioFault fault) throws IOException, InterruptedException {
        Delivery delivery = fault == null ? Delivery.WHOLE : fault.delivery;
        if (delivery == Delivery.RESET) {
            socket.setSoLinger(true, 0);
            return false;
        }
        if (delivery == Delivery.NO_ANSWER) {
            awaitEnd();
            return false;
        }
        byte[] body = answer.body() == null ? new byte[0] : answer.body();
        long filler = fault == null ? 0 : fault.filler;
        long announced = delivery == Delivery.UNANNOUNCED ? 0 : body.length + filler;
        Duration interval = fault == null ? Duration.ZERO : fault.dripInterval;
        byte[] head = head(answer, announced).getBytes(StandardCharsets.ISO_8859_1);
        switch (delivery) {
            case DRIP_HEAD -> {
                drip(head, interval);
                return true;
            }
            case DRIP_BODY -> {
                out.write(head);
                drip(body, interval);
                return true;
            }
            case TRUNCATED -> {
                out.write(head);
                out.write(body, 0, body.length / 2);
                out.flush();
                return false;
            }
            default -> {
                // In one piece: a client that may keep the connection must find a body that follows a 204 right away.
                ByteArrayOutputStream whole = new ByteArrayOutputStream(head.length + body.length);
                whole.write(head);
                whole.write(body);
                out.write(whole.toByteArray());
                fill(filler);
                out.flush();
                return true;
            }
        }
    }

    private static String head(HttpAnswer answer, long length) {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        if (!answer.contentType().isEmpty()) {
            headers.put("Content-Type", answer.contentType());
        }
        if (answer.status() != 204 || length > 0) {
            headers.put("Content-Length", String.valueOf(length));
        }
        headers.putAll(answer.headers());
        StringBuilder head = new StringBuilder("HTTP/1.1 " + answer.status() + " " + reason(answer.status()) + "\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        return head.append("\r\n").toString();
    }

    private static String reason(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 204 -> "No Content";
            case 401 -> "Unauthorized";
            case 404 -> "Not Found";
            case 429 -> "Too Many Requests";
            default -> "Status";
        };
    }

    private void drip(byte[] bytes, Duration interval) throws IOException, InterruptedException {
        for (byte b : bytes) {
            out.write(b);
            out.flush();
            Thread.sleep(interval.toMillis());
        }
    }

    private void fill(long count) throws IOException {
        byte[] block = "x".repeat(8192).getBytes(StandardCharsets.US_ASCII);
        for (long left = count; left > 0; left -= block.length) {
            out.write(block, 0, (int) Math.min(left, block.length));
        }
    }

    /** Ends when the client gives up or the server is closed. */
    private void awaitEnd() throws IOException {
        while (socket.getInputStream().read() >= 0) {
            continue;
        }
    }
}
