package dev.nexus.platform.observe;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.filter.ThresholdFilter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.TriggeringPolicyBase;
import java.io.File;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where logs go. Set in code, before the first log: the command line must stay quiet and quick.
public final class Logs {
  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level [%thread] %logger{30} %msg %kvp%n%ex";

  /// Bytes; a file has no more but for the line that began below this.
  static final long LARGEST = 20L << 20;

  private Logs() {}

  /// Nothing is logged: for commands that print their answer and end.
  public static void off() {
    LoggerContext context = cleared();
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.OFF);
  }

  /// As `toFileOnly`, and our own warnings to stderr too.
  public static void toFile(Path dataDirectory) {
    LoggerContext context = cleared();
    toFile(context, dataDirectory);
    alsoToConsole(context);
  }

  /// Everything to `nexus.log` in the data directory, at most 60 MB in three files: for a process
  /// whose output a person is shown who asked for something else.
  public static void toFileOnly(Path dataDirectory) {
    toFile(cleared(), dataDirectory);
  }

  static void toFile(LoggerContext context, Path dataDirectory) {
    var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    root.addAppender(file(context, dataDirectory.resolve("nexus.log")));
    quiet(context);
    context.getLogger("dev.nexus").setLevel(Level.INFO);
  }

  static void alsoToConsole(LoggerContext context) {
    context.getLogger("dev.nexus").addAppender(console(context, Level.WARN));
  }

  /// Warnings, and what our own code says, to stderr: for a process whose output somebody collects.
  public static void toConsole() {
    LoggerContext context = cleared();
    var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    root.addAppender(console(context, Level.INFO));
    quiet(context);
    context.getLogger("dev.nexus").setLevel(Level.INFO);
  }

  /// What goes to stderr also to a file, at most 60 MB in three: for who looks later, also when no
  /// broker took a line.
  public static void alsoTo(Path file) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(file(context, file));
  }

  /// Readers that go through partitions one after the other give one up while an answer about it is
  /// under way. Kafka's client then warns "Not updating last stable offset", hundreds of times a
  /// start, and there is nothing to be done about it.
  private static void quiet(LoggerContext context) {
    context
        .getLogger("org.apache.kafka.clients.consumer.internals.OffsetFetcherUtils")
        .setLevel(Level.ERROR);
  }

  private static LoggerContext cleared() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    return context;
  }

  private static RollingFileAppender<ILoggingEvent> file(LoggerContext context, Path file) {
    RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
    appender.setFile(file.toString());
    FixedWindowRollingPolicy rolling = new FixedWindowRollingPolicy();
    rolling.setContext(context);
    rolling.setParent(appender);
    rolling.setFileNamePattern(file + ".%i");
    rolling.setMinIndex(1);
    rolling.setMaxIndex(2);
    rolling.start();
    Full trigger = new Full();
    trigger.setContext(context);
    trigger.start();
    appender.setRollingPolicy(rolling);
    appender.setTriggeringPolicy(trigger);
    return started(context, appender);
  }

  /// Looks at the size of the file before every line. Logback's own policy looks once a minute, and
  /// what is logged within one has no bound.
  private static final class Full extends TriggeringPolicyBase<ILoggingEvent> {
    @Override
    public boolean isTriggeringEvent(File file, ILoggingEvent event) {
      return file.length() >= LARGEST;
    }
  }

  private static ConsoleAppender<ILoggingEvent> console(LoggerContext context, Level least) {
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setTarget("System.err");
    ThresholdFilter filter = new ThresholdFilter();
    filter.setLevel(least.toString());
    filter.start();
    appender.addFilter(filter);
    return started(context, appender);
  }

  private static <A extends OutputStreamAppender<ILoggingEvent>> A started(
      LoggerContext context, A appender) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(PATTERN);
    encoder.start();
    appender.setContext(context);
    appender.setEncoder(encoder);
    appender.start();
    return appender;
  }
}
