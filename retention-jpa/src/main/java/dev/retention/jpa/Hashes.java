package dev.retention.jpa;

import dev.retention.spi.TreeHead;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Hashes one after another, as a column has them. */
final class Hashes {

    private Hashes() {}

    static byte[] join(List<byte[]> hashes) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream(hashes.size() * TreeHead.HASH_LENGTH);
        hashes.forEach(joined::writeBytes);
        return joined.toByteArray();
    }

    static List<byte[]> split(byte[] joined) {
        List<byte[]> hashes = new ArrayList<>();
        for (int i = 0; i < joined.length; i += TreeHead.HASH_LENGTH) {
            hashes.add(Arrays.copyOfRange(joined, i, i + TreeHead.HASH_LENGTH));
        }
        return hashes;
    }
}
