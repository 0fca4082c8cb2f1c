/**
 * Spring Boot auto-configuration. Everything here is internal: an application uses the {@code retention.*} properties
 * and the beans.
 */
@NullMarked
package dev.retention.autoconfigure;

import org.jspecify.annotations.NullMarked;
