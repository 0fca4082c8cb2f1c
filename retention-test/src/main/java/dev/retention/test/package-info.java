/**
 * For tests of code that uses the library or extends it: fakes of the ports that decide nothing by themselves, and the
 * contracts that every adapter must pass.
 */
@NullMarked
package dev.retention.test;

import org.jspecify.annotations.NullMarked;
