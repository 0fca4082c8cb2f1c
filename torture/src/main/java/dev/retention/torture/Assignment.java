package dev.retention.torture;

import java.util.List;

/**
 * Which instance is started.
 *
 * @param slot whose connections it has
 * @param trace whether it logs everything
 * @param errands what it is to do, beside its work
 */
record Assignment(int number, int slot, boolean trace, List<Errand> errands) {

    Odd odd() {
        return errands.stream()
                .filter(errand -> errand.by() == Errand.By.ODD)
                .map(errand -> Odd.valueOf(errand.detail()))
                .findFirst()
                .orElse(Odd.NONE);
    }

    String zone() {
        return List.of("Asia/Tokyo", "America/New_York", "UTC").get(slot % 3);
    }
}
