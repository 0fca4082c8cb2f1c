@NullMarked
package com.example.voice;

import org.jspecify.annotations.NullMarked;
