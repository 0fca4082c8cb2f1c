/** The contract of storages, with an archive on loopback. */
package com.example.archive;
