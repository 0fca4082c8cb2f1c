/** Spring Boot auto-configuration. Everything here is internal: what an application sees are the {@code retention.*} properties and the beans. */
@NullMarked
package dev.retention.autoconfigure;

import org.jspecify.annotations.NullMarked;
