package dev.nexus.command.trigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.command.trigger.OutsideEvent.MalformedException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutsideEventTest {
  private static final String EXPECTED = "a CloudEvent 1.0 expected, binary or structured: ";

  private static ConsumerRecord<String, byte[]> record(Map<String, String> headers, String value) {
    var record =
        new ConsumerRecord<>("nexus.ingress", 0, 0, "k", value.getBytes(StandardCharsets.UTF_8));
    headers.forEach(
        (name, text) -> record.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
    return record;
  }

  private static Map<String, String> binary() {
    return new TreeMap<>(
        Map.of(
            "ce_specversion", "1.0",
            "ce_source", "urn:shop",
            "ce_id", "o-1",
            "ce_type", "com.example.order"));
  }

  private static void assertRefused(ConsumerRecord<String, byte[]> record, String why) {
    assertThatThrownBy(() -> OutsideEvent.read(record))
        .isInstanceOf(MalformedException.class)
        .hasMessageEndingWith(why);
  }

  @Test
  void shouldReadAnEventInEitherForm() throws Exception {
    // When
    OutsideEvent plain = OutsideEvent.read(record(binary(), "{\"n\": 1}"));
    OutsideEvent whole =
        OutsideEvent.read(
            record(
                Map.of("content-type", "application/cloudevents+json; charset=utf-8"),
                """
                {"specversion": "1.0", "source": "urn:shop", "id": "o-1",
                 "type": "com.example.order", "data": {"n": 1}}
                """));

    // Then
    assertThat(plain.data().path("n").asInt()).isOne();
    assertThat(whole).isEqualTo(plain);
  }

  @Test
  void shouldSayWhichHeaderWasMeant() {
    // Given
    Map<String, String> dashed = new TreeMap<>();
    binary().forEach((name, text) -> dashed.put(name.replace('_', '-'), text));

    // Then
    assertRefused(
        record(Map.of("Content-Type", "application/cloudevents+json"), "{}"),
        "found no header ce_specversion, and no content-type; did you mean content-type where it"
            + " says Content-Type?");
    assertRefused(
        record(dashed, "{}"),
        "; did you mean ce_id where it says ce-id, ce_source where it says ce-source,"
            + " ce_specversion where it says ce-specversion, ce_type where it says ce-type?");
    assertRefused(
        record(Map.of("region", "eu"), "{}"),
        "found no header ce_specversion, and no content-type");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ce_id | '' | the header ce_id is missing",
        "ce_type | '' | the header ce_type is missing",
        "ce_time | yesterday | ce_time: wrong time: expected a time such as 2026-11-20T10:00:00Z,"
            + " found 'yesterday'",
        "ce_source | the shop | ce_source: wrong source: expected a URI, such as urn:acme:orders,"
            + " found 'the shop'",
        "ce_specversion | 2.0 | ce_specversion: wrong specversion: expected 1.0, found '2.0'",
      })
  void shouldSayWhichHeaderIsWrong(String name, String text, String why) {
    // Given
    Map<String, String> headers = binary();
    if (text.isEmpty()) {
      headers.remove(name);
    } else {
      headers.put(name, text);
    }

    // Then
    assertRefused(record(headers, "{}"), EXPECTED + why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"specversion\": \"1.0\", \"id\": \"1\", \"source\": \"urn:shop\"}"
            + " | /type: the attribute type is missing: expected a text, found nothing",
        "{\"specversion\": \"1.0\", \"id\": 17, \"source\": \"urn:shop\", \"type\": \"t\"}"
            + " | /id: wrong id: expected a text, found 17",
        "{\"specversion\": nope} | JSON expected, found 'nope' at line 1 column 17",
      })
  void shouldSayWhatIsWrongInAStructuredEvent(String event, String why) {
    assertRefused(
        record(Map.of("content-type", "application/cloudevents+json"), event), EXPECTED + why);
  }

  @Test
  void shouldSayThatBatchesAreNotTaken() {
    assertRefused(
        record(Map.of("content-type", "application/cloudevents-batch+json"), "[]"),
        EXPECTED
            + "content-type application/cloudevents+json (or +avro), found"
            + " application/cloudevents-batch+json: batches are not taken on nexus.ingress, send a"
            + " record for each event");
  }

  @Test
  void shouldBlameTheDataAlone() {
    assertRefused(
        record(binary(), "{oops"), EXPECTED + "JSON expected, found 'oops' at line 1 column 2");
  }
}
