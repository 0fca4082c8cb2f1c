/** Shows the engine's retention on an embedded database and a Twilio on loopback. No part of the engine. */
@NullMarked
package com.example.voice.demo;

import org.jspecify.annotations.NullMarked;
