package dev.nexus.testkit;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/// A receiver of traces on loopback: OTLP over HTTP in binary protobuf, read by the numbers of
/// `trace.proto` and by nothing of ours.
public final class OtlpServer implements AutoCloseable {
  private static final HexFormat HEX = HexFormat.of();

  private final HttpServer server;
  private final int port;
  private final List<Received> spans = new CopyOnWriteArrayList<>();
  private final List<Received> taken = new CopyOnWriteArrayList<>();
  private final List<String> authorisations = new CopyOnWriteArrayList<>();
  private volatile int status = 200;
  private volatile byte[] answer = new byte[0];

  /// A span as it came.
  ///
  /// @param kind 1 internal, 2 server, 3 client, 4 producer, 5 consumer
  /// @param parentId "" for none
  /// @param begin nanoseconds since the epoch
  /// @param end nanoseconds since the epoch
  /// @param failure message of a status that is an error, else ""
  public record Received(
      String service,
      String traceId,
      String spanId,
      String parentId,
      String name,
      long kind,
      long begin,
      long end,
      Map<String, String> attributes,
      String failure) {}

  private OtlpServer(int wanted) {
    try {
      var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted);
      server = HttpServer.create(address, 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    port = server.getAddress().getPort();
    server.createContext("/v1/traces", this::take);
    server.start();
  }

  public static OtlpServer start() {
    return new OtlpServer(0);
  }

  /// At the port of one that has ended.
  public static OtlpServer startAt(int port) {
    return new OtlpServer(port);
  }

  public int port() {
    return port;
  }

  public String url() {
    return "http://127.0.0.1:" + port();
  }

  /// What it answers from now on. It remembers what came all the same.
  public void answerWith(int newStatus) {
    status = newStatus;
  }

  /// From now on it says with each answer that it rejected so many spans, and why.
  public void reject(long count, String why) {
    var partial =
        UnknownFieldSet.newBuilder()
            .addField(1, UnknownFieldSet.Field.newBuilder().addVarint(count).build())
            .addField(
                2,
                UnknownFieldSet.Field.newBuilder()
                    .addLengthDelimited(ByteString.copyFromUtf8(why))
                    .build())
            .build();
    answer =
        UnknownFieldSet.newBuilder()
            .addField(
                1,
                UnknownFieldSet.Field.newBuilder()
                    .addLengthDelimited(partial.toByteString())
                    .build())
            .build()
            .toByteArray();
  }

  /// Everything that came, repeats too.
  public List<Received> spans() {
    return List.copyOf(spans);
  }

  /// What it said to have taken, repeats too.
  public List<Received> taken() {
    return List.copyOf(taken);
  }

  /// Values of the header `Authorization` that came.
  public List<String> authorisations() {
    return List.copyOf(authorisations);
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String type = exchange.getRequestHeaders().getFirst("Content-Type");
      authorisations.addAll(exchange.getRequestHeaders().getOrDefault("Authorization", List.of()));
      if (!"application/x-protobuf".equals(type)) {
        exchange.sendResponseHeaders(415, -1);
        return;
      }
      int says = status;
      List<Received> read = read(body);
      spans.addAll(read);
      if (says == 200) {
        taken.addAll(read);
      }
      exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
      exchange.sendResponseHeaders(says, answer.length == 0 ? -1 : answer.length);
      if (answer.length > 0) {
        exchange.getResponseBody().write(answer);
      }
    }
  }

  private static List<Received> read(byte[] body) throws InvalidProtocolBufferException {
    List<Received> found = new ArrayList<>();
    for (UnknownFieldSet resourceSpans : messages(UnknownFieldSet.parseFrom(body), 1)) {
      String service =
          attributes(messages(resourceSpans, 1).getFirst(), 1).getOrDefault("service.name", "");
      for (UnknownFieldSet scopeSpans : messages(resourceSpans, 2)) {
        for (UnknownFieldSet span : messages(scopeSpans, 2)) {
          found.add(span(service, span));
        }
      }
    }
    return found;
  }

  private static Received span(String service, UnknownFieldSet span)
      throws InvalidProtocolBufferException {
    String failure = "";
    for (UnknownFieldSet told : messages(span, 15)) {
      if (told.getField(3).getVarintList().equals(List.of(2L))) {
        failure = text(told, 2);
      }
    }
    return new Received(
        service,
        hexadecimal(span, 1),
        hexadecimal(span, 2),
        hexadecimal(span, 4),
        text(span, 5),
        span.getField(6).getVarintList().getFirst(),
        span.getField(7).getFixed64List().getFirst(),
        span.getField(8).getFixed64List().getFirst(),
        attributes(span, 9),
        failure);
  }

  private static Map<String, String> attributes(UnknownFieldSet of, int field)
      throws InvalidProtocolBufferException {
    Map<String, String> attributes = new LinkedHashMap<>();
    for (UnknownFieldSet attribute : messages(of, field)) {
      UnknownFieldSet value = messages(attribute, 2).getFirst();
      attributes.put(
          text(attribute, 1),
          value.hasField(3)
              ? String.valueOf(value.getField(3).getVarintList().getFirst())
              : text(value, 1));
    }
    return attributes;
  }

  private static List<UnknownFieldSet> messages(UnknownFieldSet of, int field)
      throws InvalidProtocolBufferException {
    List<UnknownFieldSet> messages = new ArrayList<>();
    for (ByteString bytes : of.getField(field).getLengthDelimitedList()) {
      messages.add(UnknownFieldSet.parseFrom(bytes));
    }
    return messages;
  }

  private static String text(UnknownFieldSet of, int field) {
    List<ByteString> found = of.getField(field).getLengthDelimitedList();
    return found.isEmpty() ? "" : found.getLast().toStringUtf8();
  }

  private static String hexadecimal(UnknownFieldSet of, int field) {
    List<ByteString> found = of.getField(field).getLengthDelimitedList();
    return found.isEmpty() ? "" : HEX.formatHex(found.getLast().toByteArray());
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
