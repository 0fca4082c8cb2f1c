@NullMarked
package com.example.scheduled;

import org.jspecify.annotations.NullMarked;
