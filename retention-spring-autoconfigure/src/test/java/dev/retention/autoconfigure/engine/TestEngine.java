package dev.retention.autoconfigure.engine;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.context.annotation.Configuration;

/** An application whose entities are in this package. */
@Configuration(proxyBeanMethods = false)
@AutoConfigurationPackage
public class TestEngine {}
