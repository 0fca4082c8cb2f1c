package dev.retention.torture;

import java.util.ArrayList;
import java.util.List;

/** The connections of each slot to provider and database. */
final class Network implements AutoCloseable {

    private final List<TcpProxy> toProvider = new ArrayList<>();
    private final List<TcpProxy> toDatabase = new ArrayList<>();

    Network(int slots, int providerPort, int databasePort, Journal journal) {
        for (int slot = 0; slot < slots; slot++) {
            toProvider.add(new TcpProxy(providerPort, what -> journal.count("provider " + what)));
            toDatabase.add(new TcpProxy(
                    databasePort,
                    what -> journal.count(
                            what.equals(TcpProxy.COMMIT_CUT) ? "commit answer lost: network" : "database " + what)));
        }
    }

    TcpProxy toProvider(int slot) {
        return toProvider.get(slot);
    }

    TcpProxy toDatabase(int slot) {
        return toDatabase.get(slot);
    }

    void heal() {
        toProvider.forEach(TcpProxy::heal);
        toDatabase.forEach(TcpProxy::heal);
    }

    @Override
    public void close() {
        toProvider.forEach(TcpProxy::close);
        toDatabase.forEach(TcpProxy::close);
    }
}
