/** A program without a framework that deletes recordings at Twilio. */
package com.example.twilio;
