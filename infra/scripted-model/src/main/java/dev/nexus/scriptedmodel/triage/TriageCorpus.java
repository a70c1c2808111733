package dev.nexus.scriptedmodel.triage;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.scriptedmodel.JsonText;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;

/// The real webhooks of the sample, each distinct (event, payload) once, in the order of the
/// vendored file.
public final class TriageCorpus {
  private static final String RESOURCE = "/webhook-triage/data/api.github.com-index.json";

  private final List<Webhook> webhooks;

  private TriageCorpus(List<Webhook> webhooks) {
    this.webhooks = List.copyOf(webhooks);
  }

  /// Reads the vendored file, which the build puts beside this class.
  public static TriageCorpus load() {
    try (InputStream file = TriageCorpus.class.getResourceAsStream(RESOURCE)) {
      if (file == null) {
        throw new IllegalStateException(
            RESOURCE + " is not on the class path: build infra/scripted-model with its resources");
      }
      return parse(new String(file.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static TriageCorpus parse(String index) {
    var distinct = new LinkedHashMap<String, Webhook>();
    for (JsonNode event : JsonText.read(index)) {
      String name = event.path("name").asText();
      for (JsonNode payload : event.path("examples")) {
        distinct.putIfAbsent(name + " " + JsonText.fingerprint(payload), Webhook.of(name, payload));
      }
    }
    return new TriageCorpus(List.copyOf(distinct.values()));
  }

  public List<Webhook> webhooks() {
    return webhooks;
  }
}
