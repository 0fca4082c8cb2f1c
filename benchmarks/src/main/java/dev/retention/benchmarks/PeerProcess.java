package dev.retention.benchmarks;

import com.twilio.http.NetworkHttpClient;
import com.twilio.http.Request;
import com.twilio.http.Response;
import com.twilio.http.TwilioRestClient;
import com.twilio.rest.api.v2010.account.Recording;
import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;

/** Deletion in an engine without the library: a plain loop, and one with many threads. */
final class PeerProcess {

    static final String LOOP = "loop";
    static final String THREADS = "threads";

    private static final int PAGE = 500;
    private static final String DUE =
            "select c from Call c where c.createdAt < :cutoff and c.deletedAt is null order by c.id";

    private PeerProcess() {}

    public static void main(String[] args) throws InterruptedException {
        int threads = Integer.parseInt(args[3]);
        TwilioRestClient client = new TwilioRestClient.Builder(Sids.ACCOUNT, Sids.TOKEN)
                .httpClient(new Redirected(args[1], threads))
                .build();
        Instant cutoff = Instant.now().minus(Duration.ofDays(90));
        try (Engine engine = new Engine(args[0], args[2].equals(LOOP) ? 2 : threads + 1, null)) {
            if (args[2].equals(LOOP)) {
                loop(engine, client, cutoff);
            } else {
                threads(engine, client, cutoff, threads);
            }
        }
        Measured.tellProcess();
        System.exit(0);
    }

    private static void loop(Engine engine, TwilioRestClient client, Instant cutoff) {
        try (EntityManager entities = engine.factory.createEntityManager()) {
            entities.getTransaction().begin();
            List<Call> due = entities.createQuery(DUE, Call.class)
                    .setParameter("cutoff", cutoff)
                    .getResultList();
            for (Call call : due) {
                if (Recording.deleter(Sids.ACCOUNT, call.sid()).delete(client)) {
                    call.delete(Instant.now());
                }
            }
            entities.getTransaction().commit();
        }
    }

    private static void threads(Engine engine, TwilioRestClient client, Instant cutoff, int threads)
            throws InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            for (List<Call> page = page(engine, cutoff); !page.isEmpty(); page = page(engine, cutoff)) {
                List<Future<?>> all = new ArrayList<>();
                for (Call call : page) {
                    all.add(pool.submit(() -> delete(engine, client, call)));
                }
                for (Future<?> each : all) {
                    each.get();
                }
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }

    private static List<Call> page(Engine engine, Instant cutoff) {
        try (EntityManager entities = engine.factory.createEntityManager()) {
            return entities.createQuery(DUE, Call.class)
                    .setParameter("cutoff", cutoff)
                    .setMaxResults(PAGE)
                    .getResultList();
        }
    }

    private static void delete(Engine engine, TwilioRestClient client, Call call) {
        try (EntityManager entities = engine.factory.createEntityManager()) {
            entities.getTransaction().begin();
            Call row = entities.find(Call.class, call.id());
            if (row != null && Recording.deleter(Sids.ACCOUNT, row.sid()).delete(client)) {
                row.delete(Instant.now());
            }
            entities.getTransaction().commit();
        }
    }

    /** Twilio's own client, with another server. */
    private static final class Redirected extends NetworkHttpClient {

        private final String provider;

        Redirected(String provider, int connections) {
            super(HttpClientBuilder.create()
                    .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                            .setMaxConnTotal(connections)
                            .setMaxConnPerRoute(connections)
                            .build()));
            this.provider = provider;
        }

        @Override
        public Response makeRequest(Request request) {
            Request redirected = new Request(
                    request.getMethod(), provider + request.constructURL().getFile());
            redirected.setAuth(Sids.ACCOUNT, Sids.TOKEN);
            return super.makeRequest(redirected);
        }
    }
}
