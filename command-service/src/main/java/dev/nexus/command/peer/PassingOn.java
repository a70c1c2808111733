package dev.nexus.command.peer;

import dev.nexus.platform.http.AuthenticationFilter;
import dev.nexus.platform.http.Problem;
import dev.nexus.platform.http.ProblemException;
import io.micronaut.context.annotation.Requires;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MutableHttpRequest;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Filter;
import io.micronaut.http.client.DefaultHttpClientConfiguration;
import io.micronaut.http.client.ProxyRequestOptions;
import io.micronaut.http.client.exceptions.HttpClientException;
import io.micronaut.http.client.netty.DefaultHttpClient;
import io.micronaut.http.filter.HttpServerFilter;
import io.micronaut.http.filter.ServerFilterChain;
import io.micronaut.web.router.RouteAttributes;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.List;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/// Passes what has no route here on to the service that has it, with the caller's own key, and its
/// answer back as it comes, streams too. Nothing is repeated: a request that failed may have been
/// done.
@Filter(Filter.MATCH_ALL_PATTERN)
@Requires(beans = Peers.class)
final class PassingOn implements HttpServerFilter {
  private static final Logger LOG = LoggerFactory.getLogger(PassingOn.class);

  /// Who checks the name it was called by checks the one its caller used.
  private static final ProxyRequestOptions AS_ASKED =
      ProxyRequestOptions.builder().retainHostHeader().build();

  /// These are about one connection (RFC 9110, 7.6.1), and there are two.
  private static final List<CharSequence> OF_A_CONNECTION =
      List.of(
          HttpHeaders.CONNECTION,
          "Keep-Alive",
          HttpHeaders.PROXY_AUTHENTICATE,
          HttpHeaders.PROXY_AUTHORIZATION,
          HttpHeaders.TE,
          HttpHeaders.TRAILER,
          HttpHeaders.UPGRADE);

  private static final Duration CONNECTED_WITHIN = Duration.ofSeconds(2);

  /// As long as a connection to this server may be silent: streams are, while nothing happens.
  private static final Duration SILENT = Duration.ofMinutes(10);

  private static final Duration TRY_AGAIN_AFTER = Duration.ofSeconds(1);

  private final Peers peers;
  private final DefaultHttpClient client;

  PassingOn(Peers peers) {
    this.peers = peers;
    var configuration = new DefaultHttpClientConfiguration();
    configuration.setConnectTimeout(CONNECTED_WITHIN);
    configuration.setReadTimeout(SILENT);
    configuration.setFollowRedirects(false);
    // An answer that refuses is an answer.
    configuration.setExceptionOnErrorStatus(false);
    client = DefaultHttpClient.builder().configuration(configuration).build();
  }

  @Override
  public Publisher<MutableHttpResponse<?>> doFilter(
      HttpRequest<?> request, ServerFilterChain chain) {
    if (RouteAttributes.getRouteMatch(request).isPresent()) {
      return chain.proceed(request);
    }
    return peers
        .of(request.getPath())
        .map(peer -> passedOn(request, peer))
        .orElseGet(() -> chain.proceed(request));
  }

  private Publisher<MutableHttpResponse<?>> passedOn(HttpRequest<?> request, Peer peer) {
    MutableHttpRequest<?> passed = request.mutate().uri(peer.at(request.getUri()));
    OF_A_CONNECTION.forEach(passed.getHeaders()::remove);
    AuthenticationFilter.tellAddress(request, passed);
    return Mono.from(client.proxy(passed, AS_ASKED))
        .<MutableHttpResponse<?>>map(
            answer -> {
              OF_A_CONNECTION.forEach(answer.getHeaders()::remove);
              return answer;
            })
        .onErrorMap(HttpClientException.class, failure -> unavailable(peer, failure));
  }

  private static ProblemException unavailable(Peer peer, Throwable failure) {
    LOG.atWarn()
        .setCause(failure)
        .addKeyValue("peer", peer.name())
        .addKeyValue("address", peer.base())
        .log("a service does not answer");
    return Problem.of(
            HttpStatus.SERVICE_UNAVAILABLE,
            peer.name() + "-unavailable",
            "the " + peer.name() + ", which answers this, cannot be reached now; try again")
        .retryAfter(TRY_AGAIN_AFTER)
        .exception();
  }

  @PreDestroy
  void close() {
    client.close();
  }

  /// After the caller is known.
  @Override
  public int getOrder() {
    return Ordered.LOWEST_PRECEDENCE;
  }
}
