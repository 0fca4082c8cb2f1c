package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.recording;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sets the virtual machine's proxy, so nothing else may run. */
@Isolated
class TwilioProxyTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"200 OK", "204 No Content", "302 Found", "403 Forbidden", "407 Proxy Auth", "502 Bad Gateway"})
    void takesNoAnswerOfAProxyForOneOfTwilios(String answer) throws Exception {
        ProxySelector before = ProxySelector.getDefault();
        List<String> seen = new CopyOnWriteArrayList<>();
        try (ServerSocket proxy = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread thread = new Thread(() -> answerEachTunnel(proxy, answer, seen), "proxy");
            thread.setDaemon(true);
            thread.start();
            ProxySelector.setDefault(ProxySelector.of(new InetSocketAddress("127.0.0.1", proxy.getLocalPort())));
            try (TwilioRecordingStorage storage = TwilioRecordingStorage.builder(TwilioFixture.ACCOUNT)
                    .authToken(TwilioFixture.TOKEN)
                    .baseUrl(URI.create("https://gateway.invalid"))
                    .externalMedia(ExternalMedia.NONE)
                    .requestTimeout(TwilioFixture.TIMEOUT)
                    .build()) {
                DeletionResult result = storage.delete(recording("RE" + "a".repeat(32)));

                assertThat(result.kind()).as(result.detail()).isEqualTo(Kind.TRY_LATER);
                assertThat(result.code()).as(result.detail()).isEqualTo(code(answer));
                assertThat(result.surelyNotApplied()).as(result.detail()).isTrue();
            }
        } finally {
            ProxySelector.setDefault(before);
        }
        assertThat(seen).isNotEmpty().allMatch(line -> line.startsWith("CONNECT gateway.invalid:443 "));
    }

    /** After a 200 the tunnel is open; what follows is no handshake. */
    private static String code(String answer) {
        return answer.startsWith("200") ? "NO_CONNECTION" : "PROXY_REFUSED";
    }

    private static void answerEachTunnel(ServerSocket proxy, String answer, List<String> seen) {
        while (true) {
            try (Socket socket = proxy.accept()) {
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
                seen.add(in.readLine());
                while (!in.readLine().isEmpty()) {
                    continue;
                }
                socket.getOutputStream()
                        .write(("HTTP/1.1 " + answer + "\r\nContent-Length: 0\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                // The connection ends here.
            } catch (IOException e) {
                if (proxy.isClosed()) {
                    return;
                }
            }
        }
    }
}
