/** A voice engine whose own scheduler starts the sweeps. */
@NullMarked
package com.example.scheduled;

import org.jspecify.annotations.NullMarked;
