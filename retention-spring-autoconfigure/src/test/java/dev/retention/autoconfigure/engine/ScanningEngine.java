package dev.retention.autoconfigure.engine;

import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.annotation.Configuration;

/** An application that names the package of its entities itself. */
@Configuration(proxyBeanMethods = false)
@EntityScan(basePackageClasses = TestCall.class)
public class ScanningEngine {}
