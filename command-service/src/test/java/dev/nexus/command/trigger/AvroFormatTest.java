package dev.nexus.command.trigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.command.trigger.OutsideEvent.MalformedException;
import dev.nexus.event.definition.CanonicalJson;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AvroFormatTest {
  private static final Instant TAKEN = Instant.parse("2026-01-01T12:00:00Z");
  private static final Map<String, Object> ATTRIBUTES =
      Map.of("specversion", "1.0", "source", "urn:shop", "id", "o-1", "type", "com.example.order");

  @Test
  void shouldReadJsonCarriedAsBytes() throws Exception {
    // When
    OutsideEvent event = read(AvroEvents.write(ATTRIBUTES, bytes("{\"text\": \"a\"}")));

    // Then
    assertThat(event)
        .isEqualTo(
            new OutsideEvent(
                "urn:shop",
                "o-1",
                "com.example.order",
                "",
                TAKEN,
                CanonicalJson.read("{\"text\":\"a\"}"),
                ""));
  }

  @Test
  void shouldReadAJsonValueSpelledInAvro() throws Exception {
    // Given
    Map<String, Object> data =
        Map.of(
            "text",
            "a",
            "n",
            3.0,
            "half",
            0.5,
            "yes",
            true,
            "address",
            AvroEvents.object(
                Map.of(
                    "city", "Ur",
                    "rooms", List.of(AvroEvents.object(Map.of("m2", 12.0))),
                    "more", Map.of("deep", AvroEvents.object(Map.of())))));

    // When
    OutsideEvent event = read(AvroEvents.write(ATTRIBUTES, data));

    // Then
    assertThat(CanonicalJson.write(event.data()))
        .isEqualTo(
            CanonicalJson.write(
                CanonicalJson.read(
                    """
                    {"text": "a", "n": 3, "half": 0.5, "yes": true, "address":
                      {"city": "Ur", "rooms": [{"m2": 12}], "more": {"deep": {}}}}
                    """)));
  }

  @Test
  void shouldSayWhatIsMissing() {
    assertThatThrownBy(() -> read(AvroEvents.write(Map.of(), null)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("specversion 1.0 expected");
    assertThatThrownBy(() -> read(AvroEvents.write(Map.of("specversion", "1.0", "id", "1"), null)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("source is missing");
    assertThatThrownBy(() -> read(AvroEvents.write(ATTRIBUTES, bytes("{broken"))))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("JSON expected");
  }

  /// As `KafkaAvroSerializer` writes it: its frame, and then the event.
  @Test
  void shouldNameTheFrameOfASchemaRegistry() {
    // Given
    byte[] event = AvroEvents.write(ATTRIBUTES, bytes("{}"));
    byte[] framed =
        ByteBuffer.allocate(event.length + 5).put((byte) 0).putInt(100_042).put(event).array();

    // Then
    assertThatThrownBy(() -> read(framed))
        .isInstanceOf(MalformedException.class)
        .hasMessage(
            "a CloudEvent 1.0 in the Avro format of CloudEvents expected, as plain Avro binary: it"
                + " begins like the frame of a schema registry (magic byte 0 and a four-byte id,"
                + " here 100042), as KafkaAvroSerializer writes it: send the event without it");
    assertThatThrownBy(() -> read(Arrays.copyOf(event, 20)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("expected: it ends too early");
  }

  @Test
  void shouldCallEveryOtherRecordMalformedAndAllocateNothingForItsPromises() {
    // Given
    byte[] event = AvroEvents.write(ATTRIBUTES, bytes("{}"));
    long seed = System.nanoTime();
    Random random = new Random(seed);

    // Then
    for (int length = 0; length < event.length; length++) {
      assertMalformed(Arrays.copyOf(event, length), "cut at " + length);
    }
    assertMalformed(Arrays.copyOf(event, event.length + 1), "one byte too many");
    assertMalformed(bytes(1, 0x01, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F), "two gigabytes of name");
    for (int i = 0; i < 20_000; i++) {
      byte[] noise = event.clone();
      noise[random.nextInt(noise.length)] = (byte) random.nextInt();
      noise[random.nextInt(noise.length)] = (byte) random.nextInt();
      try {
        read(noise);
      } catch (MalformedException e) {
        assertThat(e.getMessage()).as("seed " + seed).contains("CloudEvent 1.0");
      }
    }
  }

  /// A byte each, and an object in memory.
  @Test
  void shouldReadSoManyValuesOnly() throws Exception {
    // Given
    int attributes = ATTRIBUTES.size();

    // When
    OutsideEvent event = read(emptyObjects(AvroFormat.MOST_VALUES - attributes));

    // Then
    assertThat(event.data()).hasSize(AvroFormat.MOST_VALUES - attributes);
    for (int more : new int[] {AvroFormat.MOST_VALUES, 9 << 20}) {
      byte[] record = emptyObjects(more);
      assertThatThrownBy(() -> read(record))
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("more than 1000000 values");
    }
  }

  /// An event whose data is an array of so many objects without members.
  private static byte[] emptyObjects(int count) {
    byte[] event = AvroEvents.write(ATTRIBUTES, null);
    var out = new ByteArrayOutputStream();
    // Without the data, which is the number of its type alone.
    out.write(event, 0, event.length - 1);
    out.write(4 << 1);
    for (long zigzag = (long) count << 1; zigzag != 0; zigzag >>>= 7) {
      out.write((int) (zigzag & 0x7F | (zigzag > 0x7F ? 0x80 : 0)));
    }
    out.writeBytes(new byte[count + 1]);
    return out.toByteArray();
  }

  @Test
  void shouldReadSubjectAndTime() throws Exception {
    // Given
    Map<String, Object> attributes = new HashMap<>(ATTRIBUTES);
    attributes.put("subject", "lamps/1");
    attributes.put("time", "2026-01-31T13:00:00+01:00");

    // When
    OutsideEvent event = read(AvroEvents.write(attributes, bytes("{}")));

    // Then
    assertThat(event.subject()).isEqualTo("lamps/1");
    assertThat(event.time()).isEqualTo(Instant.parse("2026-01-31T12:00:00Z"));
    for (String wrong : List.of("yesterday", "+12026-01-31T12:00:00Z")) {
      attributes.put("time", wrong);
      assertThatThrownBy(() -> read(AvroEvents.write(attributes, bytes("{}"))))
          .isInstanceOf(MalformedException.class);
    }
  }

  private static OutsideEvent read(byte[] event) throws MalformedException {
    return AvroFormat.read(event, TAKEN);
  }

  private static void assertMalformed(byte[] record, String what) {
    assertThatThrownBy(() -> read(record)).as(what).isInstanceOf(MalformedException.class);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
