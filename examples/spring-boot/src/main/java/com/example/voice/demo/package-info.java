/** Shows the engine's retention with an embedded database and a Twilio on loopback. Not a part of the engine. */
@NullMarked
package com.example.voice.demo;

import org.jspecify.annotations.NullMarked;
