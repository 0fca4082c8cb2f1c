/** A voice engine that keeps its recordings in a table of its own. Nothing in here knows of the library: the settings do. */
@NullMarked
package com.example.voice;

import org.jspecify.annotations.NullMarked;
