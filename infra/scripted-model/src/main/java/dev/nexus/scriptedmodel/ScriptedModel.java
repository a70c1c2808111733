package dev.nexus.scriptedmodel;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A model server, on loopback unless told otherwise, that answers from scripts. It speaks the chat
/// completions protocol
/// (in one piece or as a stream) and calls itself `scripted-model` in every answer.
public final class ScriptedModel implements AutoCloseable {
  public static final String NAME = "scripted-model";

  private static final Logger LOG = LoggerFactory.getLogger(ScriptedModel.class);

  private final HttpServer server;
  private final ExecutorService threads;
  private final Tally tally;
  private final Behaviour behaviour;

  private ScriptedModel(Builder settings) {
    // Read once by the JDK's server; without it a reply waits 40 ms for the client's delayed ACK.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    this.behaviour = settings.behaviour;
    this.tally = new Tally();
    this.threads = Executors.newVirtualThreadPerTaskExecutor();
    var conversation = new Conversation(settings.scripts, behaviour, tally);
    try {
      var address = new InetSocketAddress(settings.address, settings.port);
      this.server = HttpServer.create(address, 0);
    } catch (IOException e) {
      threads.close();
      throw new UncheckedIOException(
          "port " + settings.port + " cannot be opened: " + e.getMessage(), e);
    }
    server.createContext(
        "/", new ChatHandler(conversation, tally, settings.clock, settings.traces));
    server.setExecutor(threads);
    server.start();
    LOG.info("{} at {}", behaviour.describe(), baseUrl());
  }

  public static Builder builder() {
    return new Builder();
  }

  /// Where clients find it, with `/v1`.
  public URI baseUrl() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1");
  }

  public Behaviour behaviour() {
    return behaviour;
  }

  public long count(Count what) {
    return tally.of(what);
  }

  public Map<Count, Long> counts() {
    return tally.all();
  }

  /// Stops at once; calls under way are cut off, as when a server dies.
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  /// Collects what a scripted model needs; everything has a default.
  public static final class Builder {
    private Behaviour behaviour = Behaviour.DEFAULT;
    private final List<Script> scripts = new ArrayList<>();
    private InetAddress address = InetAddress.getLoopbackAddress();
    private int port = 0;
    private Clock clock = Clock.systemUTC();
    private Consumer<String> traces = _ -> {};

    private Builder() {}

    public Builder behaviour(Behaviour newBehaviour) {
      this.behaviour = newBehaviour;
      return this;
    }

    public Builder seed(long seed) {
      return behaviour(behaviour.withSeed(seed));
    }

    public Builder medianLatency(Duration latency) {
      return behaviour(behaviour.withMedianLatency(latency));
    }

    public Builder rates(FaultRates rates) {
      return behaviour(behaviour.withRates(rates));
    }

    /// Adds a script; the first one that knows an input answers it.
    public Builder script(Script script) {
      scripts.add(script);
      return this;
    }

    /// 0, the default, takes a free port.
    public Builder port(int newPort) {
      this.port = newPort;
      return this;
    }

    /// Listens on every address of this machine instead of loopback, as in a container.
    public Builder everywhere() {
      this.address = new InetSocketAddress(0).getAddress();
      return this;
    }

    public Builder clock(Clock newClock) {
      this.clock = newClock;
      return this;
    }

    /// Tells the `traceparent` of each completion that is asked for, "" for none.
    public Builder traces(Consumer<String> newTraces) {
      this.traces = newTraces;
      return this;
    }

    /// Starts the server; throws `UncheckedIOException` when the port is taken.
    public ScriptedModel start() {
      return new ScriptedModel(this);
    }
  }
}
