package dev.retention.internal.evidence;

import java.util.Objects;

/**
 * A head that an anchor has kept and whose entries the database no longer has: it was restored from a backup, or
 * somebody changed the log. Two are equal if they are the same head of the same anchor, whatever is said about them.
 *
 * @param anchor the anchor's name
 * @param size the size of the head's tree
 * @param root the root of that tree, in Base64
 * @param why what is missing, for people
 */
public record LostHead(String anchor, long size, String root, String why) {

    @Override
    public boolean equals(Object other) {
        return other instanceof LostHead head
                && anchor.equals(head.anchor)
                && size == head.size
                && root.equals(head.root);
    }

    @Override
    public int hashCode() {
        return Objects.hash(anchor, size, root);
    }
}
