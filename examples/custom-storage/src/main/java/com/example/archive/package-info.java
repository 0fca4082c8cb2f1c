/** A storage of one's own. */
package com.example.archive;
