package dev.nexus.command.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.platform.http.ProblemException;
import io.cloudevents.CloudEvent;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpEventsTest {
  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  @Test
  void shouldReadAnEventFromHeadersAndBody() {
    // When
    CloudEvent event =
        event(
            binary(
                Map.of(
                    "ce-time", "2026-11-20T10:00:00Z",
                    "ce-subject", "order%20%E2%82%AC5+1",
                    "ce-dataschema", "urn:schema",
                    "ce-region", "eu",
                    "content-type", "application/vnd.order+json; charset=utf-8")),
            "{\"n\": 1}");

    // Then
    assertThat(event.getId()).isEqualTo("o-1");
    assertThat(event.getSource()).hasToString("urn:shop");
    assertThat(event.getType()).isEqualTo("com.example.order");
    assertThat(event.getTime()).hasToString("2026-11-20T10:00Z");
    assertThat(event.getSubject()).isEqualTo("order €5+1");
    assertThat(event.getDataSchema()).hasToString("urn:schema");
    assertThat(event.getExtension("region")).isEqualTo("eu");
    assertThat(event.getDataContentType()).startsWith("application/vnd.order+json");
    assertThat(data(event)).isEqualTo("{\"n\": 1}");
  }

  @Test
  void shouldReadAnEventWithoutData() {
    assertThat(event(binary(Map.of()), "").getData()).isNull();
  }

  @Test
  void shouldReadAStructuredEventWithItsExtensions() {
    // When
    CloudEvent event =
        event(
            Map.of("content-type", "application/cloudevents+json; charset=UTF-8"),
            """
            {"specversion": "1.0", "id": "1", "source": "urn:shop", "type": "t", "region": "eu",
             "subject": "s", "time": "2026-11-20T10:00:00Z", "data": {"price": 0.1234567890123456789012345}}
            """);

    // Then
    assertThat(event.getSubject()).isEqualTo("s");
    assertThat(event.getExtension("region")).isEqualTo("eu");
    assertThat(data(event)).isEqualTo("{\"price\":0.1234567890123456789012345}");
  }

  @Test
  void shouldReadDataThatIsEncodedAsBase64() {
    // When
    CloudEvent event =
        event(
            Map.of("content-type", HttpEvents.STRUCTURED),
            """
            {"specversion": "1.0", "id": "1", "source": "urn:shop", "type": "t",
             "datacontenttype": "application/json", "data_base64": "eyJuIjogMX0="}
            """);

    // Then
    assertThat(data(event)).isEqualTo("{\"n\": 1}");
  }

  @Test
  void shouldKeepEveryGoodEventOfABatchAndSayWhereTheOthersStand() {
    // When
    List<Arrival> arrivals =
        read(
            Map.of("content-type", HttpEvents.BATCH),
            """
            [{"specversion": "1.0", "id": "1", "source": "urn:shop", "type": "t", "data": 1},
             {"specversion": "1.0", "id": "2", "source": "urn:shop"},
             7,
             {"specversion": "0.3", "id": "4", "source": "urn:shop", "type": "t"},
             {"specversion": "1.0", "id": "5", "source": "urn:shop", "type": "t",
              "datacontenttype": "text/plain", "data": "hello"},
             {"specversion": "1.0", "id": "6", "source": "urn:shop", "type": "t", "time": "noon"},
             {"specversion": "1.0", "id": "7", "source": "the shop", "type": "t"},
             {"specversion": "1.0", "id": "8", "source": "urn:shop", "type": "t"}]
            """);

    // Then
    assertThat(arrivals).hasSize(8);
    assertThat(arrivals.get(0)).isInstanceOf(Arrival.Legible.class);
    assertThat(pointer(arrivals.get(1))).isEqualTo("/1/type");
    assertThat(pointer(arrivals.get(2))).isEqualTo("/2");
    assertThat(pointer(arrivals.get(3))).isEqualTo("/3/specversion");
    assertThat(pointer(arrivals.get(4))).isEqualTo("/4/datacontenttype");
    assertThat(pointer(arrivals.get(5))).isEqualTo("/5/time");
    assertThat(pointer(arrivals.get(6))).isEqualTo("/6/source");
    assertThat(arrivals.get(7)).isInstanceOf(Arrival.Legible.class);
  }

  @Test
  void shouldSayWhichAttributeCannotBeRead() {
    // Given
    String event = "{\"specversion\": \"1.0\", \"source\": \"urn:shop\", \"type\": \"t\", ";
    Map<String, String> json = Map.of("content-type", HttpEvents.STRUCTURED);

    // When
    Arrival number = read(json, event + "\"id\": 17}").getFirst();
    Arrival time = read(binary(Map.of("ce-time", "yesterday")), "{}").getFirst();
    Arrival name = read(json, event + "\"id\": \"1\", \"Sub_ject\": \"s\"}").getFirst();

    // Then
    assertThat(refusal(number).fault().sentence())
        .isEqualTo("/id: wrong id: expected a text, found 17");
    assertThat(refusal(time).fault().sentence())
        .isEqualTo(
            "/time: wrong time: expected a time such as 2026-11-20T10:00:00Z, found 'yesterday'");
    assertThat(refusal(name).fault().sentence())
        .isEqualTo(
            "/Sub_ject: wrong name of an attribute: expected lower-case letters and digits, found"
                + " 'Sub_ject'; did you mean subject?");
  }

  @Test
  void shouldGiveTheTraceOfTheRequestToEventsWithoutOne() {
    // Given
    String own = TRACE.replace("0af7", "1af7");

    // When
    CloudEvent bare = event(binary(Map.of("traceparent", TRACE)), "{}");
    CloudEvent traced = event(binary(Map.of("traceparent", TRACE, "ce-traceparent", own)), "{}");
    CloudEvent noise = event(binary(Map.of("traceparent", "anything")), "{}");

    // Then
    assertThat(bare.getExtension("traceparent")).isEqualTo(TRACE);
    assertThat(traced.getExtension("traceparent")).isEqualTo(own);
    assertThat(noise.getExtension("traceparent")).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "application/json, 415",
    "application/cloudevents+xml, 415",
    "application/cloudevents-batch+json, 400",
    "application/cloudevents+json, 400",
    "'', 415",
  })
  void shouldRefuseARequestThatIsNoEvent(String type, int status) {
    assertThatThrownBy(() -> read(Map.of("content-type", type), "{"))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.problem().status().getCode()).isEqualTo(status));
  }

  @Test
  void shouldRefuseABatchThatIsNoList() {
    assertThatThrownBy(() -> read(Map.of("content-type", HttpEvents.BATCH), "{}"))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.problem().kind()).isEqualTo("malformed-batch"));
  }

  @Test
  void shouldRefuseDataThatIsNoJson() {
    // When
    Arrival broken = read(binary(Map.of()), "{oops").getFirst();
    Arrival text = read(binary(Map.of("content-type", "text/plain")), "hello").getFirst();

    // Then
    assertThat(refusal(broken).status().getCode()).isEqualTo(400);
    assertThat(pointer(broken)).isEqualTo("/data");
    assertThat(refusal(broken).fault().sentence())
        .endsWith("the data is no JSON: expected JSON, found 'oops' at line 1 column 2");
    assertThat(refusal(text).status().getCode()).isEqualTo(415);
  }

  private static Map<String, String> binary(Map<String, String> more) {
    Map<String, String> headers = new HashMap<>();
    headers.put("ce-specversion", "1.0");
    headers.put("ce-id", "o-1");
    headers.put("ce-source", "urn:shop");
    headers.put("ce-type", "com.example.order");
    headers.put("content-type", "application/json");
    headers.putAll(more);
    return headers;
  }

  private static List<Arrival> read(Map<String, String> headers, String body) {
    return HttpEvents.read(headers, body.getBytes(StandardCharsets.UTF_8));
  }

  private static CloudEvent event(Map<String, String> headers, String body) {
    List<Arrival> arrivals = read(headers, body);
    assertThat(arrivals).hasSize(1);
    assertThat(arrivals.getFirst()).isInstanceOf(Arrival.Legible.class);
    return ((Arrival.Legible) arrivals.getFirst()).event();
  }

  private static String data(CloudEvent event) {
    return new String(event.getData().toBytes(), StandardCharsets.UTF_8);
  }

  private static Refusal refusal(Arrival arrival) {
    return ((Arrival.Illegible) arrival).refusal();
  }

  private static String pointer(Arrival arrival) {
    return refusal(arrival).fault().pointer();
  }
}
