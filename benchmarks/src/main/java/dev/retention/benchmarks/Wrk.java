package dev.retention.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The provider's raw rate. */
final class Wrk {

    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([0-9.]+)");

    private Wrk() {}

    /** Deletions per second, measured with {@code wrk -t2 -c100}; empty if wrk is not installed. */
    static OptionalDouble deletionsPerSecond(Provider provider, int seconds) {
        try {
            Path script = Files.createTempFile("delete", ".lua");
            Files.writeString(script, """
                    local threads = 0
                    function setup(thread)
                      threads = threads + 1
                      thread:set("number", threads * 20000000)
                    end
                    function request()
                      number = number + 1
                      return wrk.format("DELETE", string.format(
                        "/2010-04-01/Accounts/%s/Recordings/RE0000000065000000%%016x.json", number))
                    end
                    """.formatted(Sids.ACCOUNT));
            Process wrk = new ProcessBuilder(
                            "wrk", "-t2", "-c100", "-d" + seconds + "s", "-s", script.toString(), provider.url() + "/")
                    .redirectErrorStream(true)
                    .start();
            String output = new String(wrk.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            Files.delete(script);
            Matcher rate = RATE.matcher(output);
            return rate.find() ? OptionalDouble.of(Double.parseDouble(rate.group(1))) : OptionalDouble.empty();
        } catch (IOException e) {
            return OptionalDouble.empty();
        }
    }
}
