package dev.retention.benchmarks;

import java.lang.management.ManagementFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;

/**
 * A Spring Boot engine that starts, prints how long that took from the start of its JVM, and ends. Its own code does
 * not use the library.
 */
@EnableAutoConfiguration
@EntityScan(basePackageClasses = Call.class)
public class StartUpProcess {

    /** The arguments are Spring's. */
    public static void main(String[] args) {
        var context = SpringApplication.run(StartUpProcess.class, args);
        long millis = System.currentTimeMillis()
                - ManagementFactory.getRuntimeMXBean().getStartTime();
        Measured.tell("startMillis", millis);
        context.close();
        System.exit(0);
    }
}
