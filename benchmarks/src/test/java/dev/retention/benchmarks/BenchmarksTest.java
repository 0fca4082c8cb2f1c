package dev.retention.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the benchmarks run and count; how fast anything is, is not tested here. */
class BenchmarksTest {

    /** Of the slices that time alone brings with it: four a second, of fewer than ten statements each. */
    private static final long STATEMENTS_PER_SECOND = 40;

    private final HttpClient client = HttpClient.newHttpClient();

    private static HttpRequest delete(Provider provider, int number) {
        URI uri = URI.create(provider.url() + "/2010-04-01/Accounts/" + Sids.ACCOUNT + "/Recordings/RE"
                + String.format("%016x%016x", 1_700_000_000, number) + ".json");
        return HttpRequest.newBuilder(uri).DELETE().build();
    }

    @Test
    void theProviderDeletesOnceAndCountsWhatIsDeletedTwice() throws IOException, InterruptedException {
        try (Provider provider = Provider.start()) {
            assertThat(client.send(delete(provider, 1), BodyHandlers.ofString()).statusCode())
                    .isEqualTo(204);
            assertThat(client.send(delete(provider, 1), BodyHandlers.ofString()).statusCode())
                    .isEqualTo(404);
            assertThat(client.send(delete(provider, 2), BodyHandlers.ofString()).statusCode())
                    .isEqualTo(204);

            assertThat(provider.deleted()).isEqualTo(2);
            assertThat(provider.deletedTwice()).isEqualTo(1);
        }
    }

    /** The pages of a list show each recording between two times once. */
    @Test
    void theProviderListsWhatTheDatabaseHas() throws IOException, InterruptedException {
        Series series = new Series(1_700_000_000, 1_500_000, 10_000);
        try (Provider provider = Provider.start().lists(series)) {
            List<String> sids = new ArrayList<>();
            String next = "/2010-04-01/Accounts/" + Sids.ACCOUNT + "/Recordings.json?DateCreated%3C=2023-11-14T21:00:00"
                    + "&DateCreated%3E=2023-11-14T20:30:00&PageSize=500";
            while (next != null) {
                String page = client.send(
                                HttpRequest.newBuilder(URI.create(provider.url() + next))
                                        .build(),
                                BodyHandlers.ofString())
                        .body();
                Matcher found = Pattern.compile("\"sid\":\"(RE[0-9a-f]{32})\"").matcher(page);
                while (found.find()) {
                    sids.add(found.group(1));
                }
                Matcher further =
                        Pattern.compile("\"next_page_uri\":\"([^\"]+)\"").matcher(page);
                next = further.find() ? further.group(1) : null;
            }
            assertThat(sids).doesNotHaveDuplicates().hasSize(1_200);
            assertThat(sids)
                    .allSatisfy(sid -> assertThat(Sids.created(sid))
                            .isBetween(Instant.parse("2023-11-14T20:30:00Z"), Instant.parse("2023-11-14T21:00:00Z")));
            assertThat(sids).startsWith(series.sid(2_934));
        }
    }

    @Test
    void theProviderRefusesMoreAtOnceThanItPermits() throws InterruptedException {
        try (Provider provider = Provider.start().permit(3).hold()) {
            List<CompletableFuture<HttpResponse<String>>> answers = IntStream.rangeClosed(1, 5)
                    .mapToObj(n -> client.sendAsync(delete(provider, n), BodyHandlers.ofString()))
                    .toList();
            CountDownLatch refused = new CountDownLatch(2);
            answers.forEach(answer -> answer.thenRun(refused::countDown));
            assertThat(refused.await(3, TimeUnit.MINUTES)).isTrue();
            assertThat(provider.throttledDeletes()).isEqualTo(2);
            provider.release();

            List<Integer> statuses = answers.stream()
                    .map(answer -> answer.join().statusCode())
                    .sorted()
                    .toList();

            assertThat(statuses).containsExactly(204, 204, 204, 429, 429);
            assertThat(provider.mostInFlight()).isEqualTo(3);
        }
    }

    @Test
    void theProviderAnswersNoMoreInASecondThanItMay() throws IOException, InterruptedException {
        try (Provider provider = Provider.start().mostPerSecond(50)) {
            client.send(delete(provider, 0), BodyHandlers.ofString());
            long began = System.nanoTime();
            for (int number = 1; number <= 10; number++) {
                client.send(delete(provider, number), BodyHandlers.ofString());
            }

            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(180));
            assertThat(provider.deleted()).isEqualTo(11);
        }
    }

    /** What takes longer is recorded in more slices, for a slice is gathered for so long at most. */
    @Test
    void statementsGrowWithSlicesAndNotWithRecordings(@TempDir Path logs) {
        try (Postgres postgres = Postgres.start()) {
            Scenarios scenarios = new Scenarios(postgres, logs, true, false);

            Scenarios.Statements few = scenarios.statements(500);
            Scenarios.Statements many = scenarios.statements(1_500);

            assertThat(few.count()).isPositive();
            assertThat(many.count() - few.count())
                    .as("statements for 1,000 more deletions, by %s and %s", few, many)
                    .isLessThan(Math.min(1_000, 300 + many.millis() * STATEMENTS_PER_SECOND / 1_000));
        }
    }
}
