package dev.nexus.embedded;

import java.nio.file.Path;

/// Writes to a broker of its own until it is killed.
final class BrokerVictim {
  private static final int BATCH = 500;

  private BrokerVictim() {}

  public static void main(String[] arguments) throws Exception {
    EmbeddedBroker broker = EmbeddedBroker.start(Path.of(arguments[0]), 0);
    BrokerProbe.createTopic(broker.bootstrapServers());
    for (int from = 0; ; from += BATCH) {
      BrokerProbe.write(broker.bootstrapServers(), from, BATCH);
      System.out.println("acknowledged " + (from + BATCH));
    }
  }
}
