package dev.retention.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Measures a child process from the inside, and prints each value on a line for its parent. */
final class Measured {

    static final String PREFIX = "BENCHMARK ";

    private Measured() {}

    static void tell(String name, Object value) {
        System.out.println(PREFIX + name + "=" + value.toString().replaceAll("\\s+", " "));
    }

    static void tellProcess() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system) {
            tell("cpuMillis", system.getProcessCpuTime() / 1_000_000);
        }
        tell("peakHeapBytes", peakHeap());
        tell("peakLiveHeapBytes", Math.max(liveHeapPeak.get(), 0));
    }

    private static final AtomicLong liveHeapPeak = new AtomicLong();

    private static long peakHeap() {
        long sum = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            MemoryUsage usage = pool.getPeakUsage();
            if (pool.getType() == MemoryType.HEAP && usage != null) {
                sum += usage.getUsed();
            }
        }
        return sum;
    }

    /** Collects garbage first, so that only live objects are counted. */
    private static long liveHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** Follows how much heap is live, or where a thread spends its time. */
    static final class Sampler implements AutoCloseable {

        private static final long EVERY_MILLIS = 2;
        private static final long HEAP_EVERY_MILLIS = 500;

        private final Thread watched;
        private final Map<String, AtomicLong> places = new ConcurrentHashMap<>();
        private final Thread thread = new Thread(this::run, "sampler");
        private final boolean stacks;
        private final boolean liveHeap;
        private volatile boolean closed;

        Sampler(Thread watched, boolean stacks, boolean liveHeap) {
            this.watched = watched;
            this.stacks = stacks;
            this.liveHeap = liveHeap;
            thread.setDaemon(true);
            thread.start();
        }

        private void run() {
            try {
                while (!closed) {
                    if (stacks) {
                        String place = place(watched.getStackTrace());
                        if (place != null) {
                            places.computeIfAbsent(place, key -> new AtomicLong())
                                    .incrementAndGet();
                        }
                    }
                    if (liveHeap) {
                        liveHeapPeak.accumulateAndGet(liveHeap(), Math::max);
                    }
                    Thread.sleep(stacks ? EVERY_MILLIS : HEAP_EVERY_MILLIS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /**
         * The engine's steps that the thread is in, from the outside in, and whether it waits for the database there.
         */
        private static @Nullable String place(StackTraceElement[] stack) {
            StringBuilder place = new StringBuilder();
            int named = 0;
            for (int i = stack.length - 1; i >= 0 && named < 5; i--) {
                StackTraceElement frame = stack[i];
                String type = frame.getClassName();
                if (type.startsWith("dev.retention.")
                        && !type.startsWith("dev.retention.benchmarks")
                        && !frame.getMethodName().startsWith("lambda")) {
                    String simple = type.substring(type.lastIndexOf('.') + 1);
                    boolean isFrame = simple.matches("(RetentionSweeper|RunCoordinator|RunContext).*");
                    if (!isFrame
                            && !(simple.equals("Sweep") && frame.getMethodName().matches("run|work|round"))) {
                        place.append(named++ == 0 ? "" : " > ")
                                .append(simple)
                                .append('.')
                                .append(frame.getMethodName());
                    }
                }
            }
            if (named == 0) {
                return null;
            }
            for (StackTraceElement frame : stack) {
                if (frame.getClassName().startsWith("org.postgresql.")
                        && frame.getClassName().contains("Query")) {
                    return place.append(" [database]").toString();
                }
            }
            return place.toString();
        }

        Map<String, Long> places() {
            Map<String, Long> all = new TreeMap<>();
            places.forEach((place, times) -> all.put(place, times.get()));
            return all;
        }

        @Override
        public void close() {
            closed = true;
            try {
                thread.join(1000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
