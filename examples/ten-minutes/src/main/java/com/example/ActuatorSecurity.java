package com.example;

import static org.springframework.security.config.Customizer.withDefaults;
import static org.springframework.security.config.http.SessionCreationPolicy.STATELESS;

import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

/**
 * Who may read and who may change what through Actuator. The other URLs need a chain of their own.
 */
@Configuration
@ConditionalOnWebApplication
class ActuatorSecurity {

    @Bean
    @Order(1)
    SecurityFilterChain actuator(HttpSecurity http) throws Exception {
        return http.securityMatcher("/actuator/**")
                .authorizeHttpRequests(requests -> requests
                        // The status is for load balancers; the details need a role.
                        .requestMatchers(HttpMethod.GET, "/actuator/health/**")
                        .permitAll()
                        .requestMatchers(HttpMethod.GET, "/actuator/**")
                        .hasAnyRole("RETENTION_READER", "RETENTION_OPERATOR", "RETENTION_DPO")
                        .requestMatchers(HttpMethod.POST, "/actuator/retention")
                        .hasRole("RETENTION_OPERATOR")
                        .requestMatchers(HttpMethod.POST, "/actuator/retentionholds")
                        .hasRole("RETENTION_DPO")
                        .anyRequest()
                        .denyAll())
                .httpBasic(withDefaults())
                // Each request brings its login: there is no session for another site to use.
                .sessionManagement(session -> session.sessionCreationPolicy(STATELESS))
                .csrf(csrf -> csrf.disable())
                .build();
    }
}
