package dev.retention.torture;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The command line: one run, or one with each guard broken. */
public final class TortureMain {

    private static final String SABOTAGE = "--sabotage=";

    private TortureMain() {}

    /** See the README for what can be given. Ends with 1 when something was found, or something broken was not. */
    public static void main(String[] args) throws Exception {
        System.setProperty("user.timezone", "UTC");
        List<String> given = new ArrayList<>(List.of(args));
        List<Sabotage> several = new ArrayList<>();
        given.removeIf(arg -> {
            String named = arg.startsWith(SABOTAGE) ? arg.substring(SABOTAGE.length()) : "";
            if (named.equals("all")) {
                several.addAll(List.of(Sabotage.values()));
            } else if (named.contains(",")) {
                Stream.of(named.split(",")).map(Sabotage::valueOf).forEach(several::add);
            }
            return !several.isEmpty() && arg.startsWith(SABOTAGE);
        });
        boolean good = several.isEmpty() ? run(args) : sabotage(several, given);
        System.exit(good ? 0 : 1);
    }

    private static boolean run(String[] args) throws Exception {
        TortureResult result = new Torture(TortureSettings.parse(args)).run();
        System.out.println(result.summary());
        boolean sabotaged = result.settings().sabotage() != Sabotage.NONE;
        return sabotaged != result.isClean();
    }

    private static boolean sabotage(List<Sabotage> each, List<String> args) throws Exception {
        List<String> rows = new ArrayList<>();
        boolean allCaught = true;
        for (Sabotage sabotage : each) {
            List<String> given = new ArrayList<>(args);
            given.add("--form=sabotage");
            given.add("--sabotage=" + sabotage);
            TortureResult result = new Torture(TortureSettings.parse(given.toArray(String[]::new))).run();
            boolean expected = sabotage == Sabotage.NONE
                    ? result.caughtBy().isEmpty()
                    : !result.caughtBy().isEmpty();
            allCaught &= expected;
            String row = String.format(
                    "%-28s %-62s %-8s %s",
                    sabotage,
                    sabotage.what(),
                    sabotage == Sabotage.NONE ? "" : expected ? "caught" : "MISSED",
                    String.join(", ", result.caughtBy()));
            rows.add(row);
            System.out.println(row);
            if (!expected) {
                System.out.println(result.summary());
            }
        }
        System.out.println("\n=== guards broken on purpose ===");
        rows.forEach(System.out::println);
        return allCaught;
    }
}
