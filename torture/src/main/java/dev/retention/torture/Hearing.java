package dev.retention.torture;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes down in the journal what instances tell. Each line begins with {@code @} and a word; see {@link Telling}. */
final class Hearing {

    private static final Logger log = LoggerFactory.getLogger(Hearing.class);
    private static final List<String> MANY = List.of("CLAIM", "BACK", "CHECK", "SEND", "PERMIT", "ANSWER", "HEAD");

    private final Journal journal;

    Hearing(Journal journal) {
        this.journal = journal;
    }

    void heard(ChildInstance child, String line) {
        String[] words = line.substring(1).split(" ");
        if (!MANY.contains(words[0])) {
            log.debug("{} {}", child.name(), line);
        }
        switch (words[0]) {
            case "READY" -> child.ready();
            case "CLAIM" -> {
                child.worked();
                journal.claimed(claimed(child, words));
            }
            case "BACK" -> journal.released(claimed(child, words));
            case "CHECK" ->
                journal.sendings.checked(
                        child.number,
                        Long.parseLong(words[1]),
                        words.length > 2 ? List.of(words[2].split(",")) : List.of());
            case "SEND" ->
                journal.sendings.called(child.number, words[1], Long.parseLong(words[2]), Long.parseLong(words[3]));
            case "PERMIT" ->
                journal.sendings.permitted(
                        child.number,
                        words[1],
                        Long.parseLong(words[2]),
                        Long.parseLong(words[3]),
                        Long.parseLong(words[4]));
            case "ANSWER" -> {
                journal.count("answer " + words[1]);
                if (words.length > 2) {
                    journal.sendings.returned(
                            child.number,
                            words[2],
                            Long.parseLong(words[3]),
                            new Sendings.Returned(Long.parseLong(words[4]), Long.parseLong(words[5])));
                }
            }
            case "HEAD" -> journal.shown(new String(Base64.getDecoder().decode(words[1]), StandardCharsets.UTF_8));
            case "STALL" -> journal.stall(child.number);
            case "STALLED" -> {
                journal.stalled(child.number, line.substring("@STALLED ".length()));
                // It is frozen once: if that was not enough, it is the next one's turn.
                child.kill();
            }
            case "CRASH" -> journal.count("crash " + words[1]);
            case "LOST" -> journal.count("commit answer lost: " + words[1]);
            case "SWEEP" -> {
                journal.swept(line.substring(1));
                journal.count("run " + words[1]);
                child.swept(line);
                if (child.hasMetUnreadable()) {
                    journal.count("sweep beside what it can't read");
                }
                if (child.odd == Odd.DRY_RUN) {
                    journal.count("swept in a dry run");
                }
                if (words[1].equals("REFUSED")) {
                    journal.count("brake " + child.odd);
                }
            }
            case "UNREADABLE" -> child.metUnreadable();
            case "RECOVERED" -> journal.count("recovered");
            case "FAILED" -> {
                journal.count("failed " + words[1] + (words[1].equals("sweep") ? " " + words[2] : ""));
                if (words[1].equals("sweep")) {
                    journal.count("failed sweep");
                }
                journal.note(child.name() + " " + line);
            }
            case "HOLD" -> holdAnswered(words);
            case "WHERE" -> tenantHeld(words);
            case "ERASED" -> Arrays.stream(words).skip(1).forEach(answer -> journal.count("erase " + answer));
            default -> {}
        }
    }

    private Journal.Claimed claimed(ChildInstance child, String[] words) {
        return new Journal.Claimed(
                journal.next(), child.number, words[1], words[2], words[3], Integer.parseInt(words[4]));
    }

    private void holdAnswered(String[] words) {
        Hold hold = journal.hold(words[1]);
        if (hold == null || words[2].equals("failed")) {
            journal.count("hold failed");
            return;
        }
        Map<String, String> answers = new HashMap<>();
        for (String pair : words[3].split(",")) {
            String[] parts = pair.split("=");
            answers.put(parts[0], parts[1]);
            journal.count("hold " + parts[1]);
            if (words[1].startsWith(Hold.ON_TWIN)) {
                journal.count("hold on a twin " + parts[1]);
            }
        }
        hold.answered(journal.next(), Long.parseLong(words[2]), answers);
    }

    /** How many are held and how many late is all that is said; so nothing new may start for any of them. */
    private void tenantHeld(String[] words) {
        Hold hold = journal.hold(words[1]);
        if (hold == null || words[2].equals("failed")) {
            journal.count("hold by attribute failed");
            return;
        }
        if (hold.answerSeq() == 0) {
            hold.answered(journal.next(), Long.parseLong(words[2]), Map.of());
            journal.count("hold by attribute");
            journal.note("hold by attribute: " + String.join(" ", words));
        }
    }
}
