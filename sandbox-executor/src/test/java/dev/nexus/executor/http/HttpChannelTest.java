package dev.nexus.executor.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.executor.http.HttpChannel.LateException;
import dev.nexus.executor.http.HttpChannel.OversizedException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpChannelTest {
  private static final Header LAST = new Header("Connection", "close");

  private static final Request GET =
      new Request("GET", "/a?b=1", List.of(new Header("Host", "x"), LAST), new byte[0]);

  private Path directory;
  private ServerSocketChannel server;
  private SocketChannel here;
  private SocketChannel there;

  @BeforeEach
  void connect() throws IOException {
    directory = Files.createTempDirectory(Path.of("/tmp"), "nxh");
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    var address = UnixDomainSocketAddress.of(directory.resolve("s"));
    server.bind(address);
    here = SocketChannel.open(address);
    there = server.accept();
  }

  @AfterEach
  void close() throws IOException {
    here.close();
    there.close();
    server.close();
    Files.delete(directory.resolve("s"));
    Files.delete(directory);
  }

  /// What a service answers is there before it is asked, which nobody can tell.
  private Answer asked(Request request, String answer, boolean ends) throws IOException {
    there.write(ByteBuffer.wrap(answer.getBytes(ISO_8859_1)));
    if (ends) {
      there.shutdownOutput();
    }
    return new HttpChannel(here).ask(request, Duration.ofMinutes(1), 1000);
  }

  private static String text(Answer answer) {
    return new String(answer.body(), ISO_8859_1);
  }

  @Test
  void shouldReadABodyOfALengthAndSendWhatWasAsked() throws IOException {
    Answer answer =
        asked(
            new Request("POST", "/x", List.of(new Header("A", "b")), "body".getBytes(ISO_8859_1)),
            "HTTP/1.1 201 Created\r\nX-One: 1\r\nContent-Length: 5\r\n\r\nhello and more",
            false);
    assertThat(answer.status()).isEqualTo(201);
    assertThat(text(answer)).isEqualTo("hello");
    assertThat(answer.headers()).contains(new Header("X-One", "1"));
    ByteBuffer sent = ByteBuffer.allocate(1000);
    there.read(sent);
    assertThat(new String(sent.array(), 0, sent.position(), ISO_8859_1))
        .startsWith("POST /x HTTP/1.1\r\nA: b\r\nContent-Length: 4\r\n\r\n");
  }

  @Test
  void shouldReadABodyInChunksAndOneThatEndsWithTheConnection() throws IOException {
    String head = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n";
    assertThat(
            text(
                asked(
                    GET,
                    head
                        + "Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n, services\r\n0\r\n\r\n",
                    false)))
        .isEqualTo("hello, services");
    close();
    connect();
    assertThat(text(asked(GET, head + "\r\nto the end", true))).isEqualTo("to the end");
  }

  @Test
  void shouldReadNoBodyWhereThereIsNone() throws IOException {
    assertThat(text(asked(GET, "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", false)))
        .isEmpty();
    close();
    connect();
    var head = new Request("HEAD", "/", List.of(), new byte[0]);
    assertThat(text(asked(head, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n",
      })
  void shouldTakeNoMoreThanItsLimit(String answer) {
    assertThatThrownBy(() -> asked(GET, answer, false)).isInstanceOf(OversizedException.class);
  }

  @Test
  void shouldTakeNoMoreThanItsLimitOfAnAnswerWithoutALength() {
    assertThatThrownBy(() -> asked(GET, "HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(1001), true))
        .isInstanceOf(OversizedException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "SSH-2.0\r\n\r\n",
        "HTTP/1.1 999 Odd\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno header\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
      })
  void shouldRefuseWhatIsNoAnswer(String answer) {
    assertThatThrownBy(() -> asked(GET, answer, true)).isInstanceOf(IOException.class);
  }

  @Test
  void shouldRefuseAHeadWithoutAnEnd() {
    assertThatThrownBy(() -> asked(GET, "HTTP/1.1 200 OK\r\nA: " + "x".repeat(40_000), true))
        .hasMessageContaining("a shorter head");
  }

  @Test
  void shouldNotWaitForEver() {
    assertThatThrownBy(() -> new HttpChannel(here).ask(GET, Duration.ofMillis(50), 1000))
        .isInstanceOf(LateException.class);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void shouldAskAgainOverAConnectionWhoseAnswersSayHowLongTheyAre() throws IOException {
    var request = new Request("GET", "/", List.of(), new byte[0]);
    there.write(
        ByteBuffer.wrap(
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\noneHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo"
                .getBytes(ISO_8859_1)));
    var channel = new HttpChannel(here);
    assertThat(text(channel.ask(request, Duration.ofMinutes(1), 3))).isEqualTo("one");
    assertThat(text(channel.ask(request, Duration.ofMinutes(1), 3))).isEqualTo("two");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Transfer-Encoding: chunked\r\n"})
  void shouldCloseAConnectionThatIsAskedAgainWhereAnAnswerHasNoLength(String header) {
    var request = new Request("GET", "/", List.of(), new byte[0]);
    assertThatThrownBy(() -> asked(request, "HTTP/1.1 200 OK\r\n" + header + "\r\n", false))
        .hasMessageContaining("a Content-Length expected");
    assertThat(here.isOpen()).isFalse();
  }
}
