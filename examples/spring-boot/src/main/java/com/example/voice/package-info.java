/**
 * A voice engine with its own table of recordings. No class in this package refers to the library; only the settings
 * do.
 */
@NullMarked
package com.example.voice;

import org.jspecify.annotations.NullMarked;
