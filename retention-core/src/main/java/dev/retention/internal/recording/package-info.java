/** What is known about one recording, and the storages that are asked for it. */
@NullMarked
package dev.retention.internal.recording;

import org.jspecify.annotations.NullMarked;
