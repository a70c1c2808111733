package dev.nexus.platform.docs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nexus.platform.stream.KafkaClients;
import dev.nexus.topic.Topic;
import dev.nexus.topic.Topic.Keep;
import dev.nexus.wire.SchemaCatalog;
import java.util.Map;
import java.util.TreeMap;

/// The topics of an installation as an [AsyncAPI
/// 3.0](https://www.asyncapi.com/docs/reference/specification/v3.0.0)
/// document, made from the table of topics and the released schemas. It describes Nexus as an
/// application: it sends what stands on its topics, and receives outside events.
final class AsyncApi {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String AVRO = "application/vnd.apache.avro+json;version=1.9.0";
  private static final String KAFKA_BINDING = "0.5.0";

  /// CloudEvents attributes that are headers of every record of ours.
  private static final Map<String, String> HEADERS =
      new TreeMap<>(
          Map.of(
              "ce_specversion", "1.0",
              "ce_id", "The eventId; a record that is there twice has it twice.",
              "ce_type", "`dev.nexus.` and the eventType.",
              "ce_source", "Tenant and application, as /tenant/app.",
              "ce_time", "When it happened, ISO 8601.",
              "ce_subject", "The executionId; absent where there is none.",
              "content-type", "application/avro",
              "traceparent", "W3C trace context; absent where there is none."));

  private final KafkaClients clients;

  AsyncApi(KafkaClients clients) {
    this.clients = clients;
  }

  /// @param registry address of the schema registry
  ObjectNode document(String registry) {
    ObjectNode document = object().put("asyncapi", "3.0.0");
    document
        .putObject("info")
        .put("title", "Nexus: topics")
        .put("version", version())
        .put(
            "description",
            "Every topic is at least once: drop a record whose eventId you had. Read committed"
                + " records only (isolation.level=read_committed).")
        .putObject("license")
        .put("name", "Apache-2.0")
        .put("url", "https://www.apache.org/licenses/LICENSE-2.0");
    document.put("defaultContentType", "application/avro");
    document
        .putObject("servers")
        .putObject("kafka")
        .put("host", "{brokers}")
        .put("protocol", "kafka")
        .put("description", "An operator knows where the brokers are: ./nexus status says it.")
        .<ObjectNode>set("variables", brokers())
        .putObject("bindings")
        .putObject("kafka")
        .put("schemaRegistryUrl", registry)
        .put("schemaRegistryVendor", "confluent")
        .put("bindingVersion", KAFKA_BINDING);
    ObjectNode channels = document.putObject("channels");
    ObjectNode operations = document.putObject("operations");
    ObjectNode components = document.putObject("components");
    ObjectNode messages = components.putObject("messages");
    ObjectNode headers = components.putObject("schemas").putObject("headers");
    headers.put("type", "object").put("description", "Attributes of CloudEvents 1.0.");
    ObjectNode properties = headers.putObject("properties");
    HEADERS.forEach(
        (name, about) ->
            properties.putObject(name).put("type", "string").put("description", about));
    for (Topic topic : Topic.values()) {
      channels.set(id(topic), channel(topic));
      operations.set(operation(topic), operationOf(topic));
      if (!messages.has(message(topic))) {
        messages.set(message(topic), messageOf(topic));
      }
    }
    return document;
  }

  /// Of this program.
  static String version() {
    String version = AsyncApi.class.getPackage().getImplementationVersion();
    return version == null ? "unreleased" : version;
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static ObjectNode brokers() {
    ObjectNode variables = object();
    variables
        .putObject("brokers")
        .put("default", "127.0.0.1:9092")
        .put("description", "Addresses of brokers. Those of a cluster may ask for a user.");
    return variables;
  }

  private static String id(Topic topic) {
    return topic.topicName().substring("nexus.".length());
  }

  private static String message(Topic topic) {
    return topic.hasSchema() ? topic.schemaName() : "CloudEvent";
  }

  private static String operation(Topic topic) {
    return (topic.hasSchema() ? "send." : "receive.") + id(topic);
  }

  private ObjectNode channel(Topic topic) {
    ObjectNode channel =
        object().put("address", clients.name(topic)).put("description", topic.about());
    channel
        .putObject("messages")
        .putObject(message(topic))
        .put("$ref", "#/components/messages/" + message(topic));
    ObjectNode kafka =
        channel.putObject("bindings").putObject("kafka").put("bindingVersion", KAFKA_BINDING);
    kafka.put("topic", clients.name(topic));
    ObjectNode configuration = kafka.putObject("topicConfiguration");
    configuration
        .putArray("cleanup.policy")
        .add(topic.keep() instanceof Keep.Latest ? "compact" : "delete");
    switch (topic.keep()) {
      case Keep.For(var time) -> configuration.put("retention.ms", time.toMillis());
      case Keep.Forever() -> configuration.put("retention.ms", -1);
      case Keep.Latest _, Keep.ByOwner _ -> {}
    }
    return channel;
  }

  private static ObjectNode operationOf(Topic topic) {
    ObjectNode operation = object().put("action", topic.hasSchema() ? "send" : "receive");
    operation.putObject("channel").put("$ref", "#/channels/" + id(topic));
    return operation;
  }

  private static ObjectNode messageOf(Topic topic) {
    return topic.hasSchema() ? event(topic) : cloudEvent();
  }

  private static ObjectNode event(Topic topic) {
    ObjectNode message =
        object()
            .put("name", topic.schemaName())
            .put("contentType", "application/avro")
            .put("summary", "A row; eventType says which of its columns are filled.");
    message.putObject("headers").put("$ref", "#/components/schemas/headers");
    message
        .putObject("payload")
        .put("schemaFormat", AVRO)
        .set(
            "schema",
            tree(SchemaCatalog.released().newest(topic).orElseThrow().schema().toString()));
    ObjectNode kafka = message.putObject("bindings").putObject("kafka");
    kafka.putObject("key").put("type", "string").put("description", "Begins with the tenant.");
    kafka
        .put("schemaIdLocation", "payload")
        .put("schemaIdPayloadEncoding", "confluent")
        .put("bindingVersion", KAFKA_BINDING);
    return message;
  }

  private static ObjectNode cloudEvent() {
    ObjectNode message =
        object()
            .put("name", "CloudEvent")
            .put("contentType", "application/cloudevents+json")
            .put(
                "summary",
                "CloudEvents 1.0: structured JSON, or binary with JSON or Avro and its attributes"
                    + " as headers ce_…");
    ObjectNode payload = message.putObject("payload").put("type", "object");
    payload.putArray("required").add("specversion").add("id").add("source").add("type");
    ObjectNode properties = payload.putObject("properties");
    properties.putObject("specversion").put("type", "string").put("const", "1.0");
    for (String attribute : new String[] {"id", "source", "type", "subject", "time"}) {
      properties.putObject(attribute).put("type", "string");
    }
    properties.putObject("data");
    return message;
  }

  private static JsonNode tree(String schema) {
    try {
      return JSON.readTree(schema);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a released schema is no JSON", e);
    }
  }
}
