package com.example.scheduled;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The voice engine. */
@SpringBootApplication
public class VoiceEngineApplication {

    /** Starts the engine. */
    public static void main(String[] args) {
        SpringApplication.run(VoiceEngineApplication.class, args);
    }
}
