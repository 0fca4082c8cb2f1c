package dev.retention.test;

import dev.retention.spi.RecordingRepository;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

class InMemoryRecordingRepositoryContractTest extends RecordingRepositoryContract {

    private InMemoryRecordingRepository inMemory = new InMemoryRecordingRepository(Clock.systemUTC());

    @Override
    protected RecordingRepository createRepository(Clock clock, Duration databaseOffset) {
        inMemory = new InMemoryRecordingRepository(clock);
        inMemory.setDatabaseOffset(databaseOffset);
        return inMemory;
    }

    @Override
    protected RecordingRepository createInstanceWithout(String attribute) {
        return inMemory.withoutAttribute(attribute);
    }

    @Override
    protected void insertRow(EngineRow row) {
        inMemory.put(row);
    }

    @Override
    protected void updateRow(EngineRow row) {
        inMemory.put(row);
    }

    @Override
    protected void removeRow(String id) {
        inMemory.remove(id);
    }

    @Override
    protected Optional<EngineRow> readRow(String id) {
        return inMemory.row(id);
    }

    @Override
    protected void pauseDeleting() {
        inMemory.setPaused(true);
    }

    @Override
    protected void makeUnreadable(String id) {
        inMemory.setUnreadable(id, true);
    }

    @Override
    protected void makeEntryUnreadable(String id) {
        inMemory.setEntryUnreadable(id);
    }

    @Override
    protected void ignoreSoftDelete(String id) {
        inMemory.setSoftDeleteRefused(id, true);
    }

    @Override
    protected void refuseSoftDelete(String id) {
        inMemory.setSoftDeleteRefused(id, true);
    }

    @Override
    protected void allowSoftDelete(String id) {
        inMemory.setSoftDeleteRefused(id, false);
    }

    @Override
    protected void whileRowIsLocked(String id, Runnable work) {
        inMemory.setRowLocked(id, true);
        try {
            work.run();
        } finally {
            inMemory.setRowLocked(id, false);
        }
    }

    @Override
    protected boolean supports(Capability capability) {
        return capability != Capability.CALLERS_TRANSACTION;
    }
}
