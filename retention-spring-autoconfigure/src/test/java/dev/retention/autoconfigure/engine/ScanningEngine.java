package dev.retention.autoconfigure.engine;

import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.annotation.Configuration;

/** An application that says itself where its entities lie. */
@Configuration(proxyBeanMethods = false)
@EntityScan(basePackageClasses = TestCall.class)
public class ScanningEngine {}
