package dev.nexus.command.peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nexus.platform.docs.NeighbourDocuments;
import io.micronaut.context.annotation.Requires;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the services that answer for this one what they answer. Each time anew, as one that was
/// replaced may answer more.
@Singleton
@Requires(beans = Peers.class)
final class PeerDocuments implements NeighbourDocuments {
  private static final Logger LOG = LoggerFactory.getLogger(PeerDocuments.class);
  private static final Duration CONNECTED_WITHIN = Duration.ofSeconds(1);
  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(3);

  private final ObjectMapper mapper = new ObjectMapper();
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(CONNECTED_WITHIN).build();
  private final Peers peers;

  PeerDocuments(Peers peers) {
    this.peers = peers;
  }

  @Override
  public Map<String, Optional<JsonNode>> openApi() {
    Map<String, Optional<JsonNode>> documents = new LinkedHashMap<>();
    peers.all().forEach(peer -> documents.put(peer.name(), document(peer)));
    return documents;
  }

  private Optional<JsonNode> document(Peer peer) {
    HttpRequest asked =
        HttpRequest.newBuilder(peer.at(URI.create("/docs/openapi.json")))
            .timeout(ANSWERED_WITHIN)
            .build();
    try {
      HttpResponse<String> answer = client.send(asked, BodyHandlers.ofString());
      if (answer.statusCode() == 200) {
        return Optional.of(mapper.readTree(answer.body()));
      }
      LOG.atWarn()
          .addKeyValue("peer", peer.name())
          .addKeyValue("status", answer.statusCode())
          .log("a service does not say what it answers");
    } catch (IOException e) {
      LOG.atWarn()
          .setCause(e)
          .addKeyValue("peer", peer.name())
          .log("a service does not say what it answers");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Optional.empty();
  }

  @PreDestroy
  void close() {
    client.close();
  }
}
