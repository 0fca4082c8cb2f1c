/** Tests of the program with a real PostgreSQL, and with a server that speaks Twilio's API. */
package com.example.twilio;
