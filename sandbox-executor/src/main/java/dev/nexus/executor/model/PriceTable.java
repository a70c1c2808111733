package dev.nexus.executor.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nexus.event.definition.CanonicalJson;
import dev.nexus.platform.config.InvalidSettingException;
import dev.nexus.platform.config.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What tokens cost, in millionths of the currency per million tokens. A dated name such as
/// `m-2026-01-01` costs what `m` costs. A model without a price costs 0, and the log says so once.
public final class PriceTable {
  private static final Logger LOG = LoggerFactory.getLogger(PriceTable.class);
  private static final Pattern DATED = Pattern.compile(".+-20\\d\\d-?\\d\\d-?\\d\\d");

  /// What such a file has.
  private static final String FORM =
      "{\"models\": {NAME: {\"prompt\": n, \"completion\": n}}}, n in millionths of the currency"
          + " per million tokens";

  private static final BigInteger MILLION = BigInteger.valueOf(1_000_000);

  /// Micros per million tokens.
  record Price(long prompt, long completion) {}

  private final TreeMap<String, Price> prices;
  private final Set<String> reported = ConcurrentHashMap.newKeySet();

  PriceTable(Map<String, Price> prices) {
    this.prices = new TreeMap<>(prices);
  }

  /// The table that comes with Nexus, with the entries of `file` on top; "" names no file. Throws
  /// `InvalidSettingException` that says what is wrong with it.
  public static PriceTable load(String file) {
    Map<String, Price> prices = new TreeMap<>();
    try (InputStream in = PriceTable.class.getResourceAsStream("prices.json")) {
      if (in == null) {
        throw new IllegalStateException("prices.json is missing beside PriceTable");
      }
      read(new String(in.readAllBytes(), StandardCharsets.UTF_8), prices);
    } catch (IOException e) {
      throw new UncheckedIOException("prices could not be read: " + e.getMessage(), e);
    }
    if (!file.isEmpty()) {
      readOwn(file, prices);
    }
    return new PriceTable(prices);
  }

  private static void readOwn(String file, Map<String, Price> prices) {
    try {
      read(Files.readString(Path.of(file)), prices);
    } catch (NoSuchFileException e) {
      throw wrong("a file with prices of models", "'" + file + "', which does not exist", e);
    } catch (IOException | InvalidPathException e) {
      throw wrong("a file with prices of models", "'" + file + "', which cannot be read: " + e, e);
    } catch (IllegalArgumentException e) {
      throw wrong("a file with " + FORM, "in '" + file + "': " + e.getMessage(), e);
    }
  }

  private static InvalidSettingException wrong(String expected, String found, Exception cause) {
    return new InvalidSettingException(
        Setting.LLM_PRICES.variable() + ": expected " + expected + ", found " + found, cause);
  }

  /// Throws `IllegalArgumentException` that says what was found instead.
  private static void read(String json, Map<String, Price> prices) {
    JsonNode models = CanonicalJson.read(json).path("models");
    if (!models.isObject()) {
      throw new IllegalArgumentException("no field models with an object");
    }
    for (Map.Entry<String, JsonNode> model : models.properties()) {
      JsonNode prompt = model.getValue().path("prompt");
      JsonNode completion = model.getValue().path("completion");
      if (!prompt.canConvertToLong()
          || !completion.canConvertToLong()
          || prompt.asLong() < 0
          || completion.asLong() < 0) {
        throw new IllegalArgumentException(
            "the price of '" + model.getKey() + "' is " + model.getValue());
      }
      prices.put(model.getKey(), new Price(prompt.asLong(), completion.asLong()));
    }
  }

  /// Cost of a call in millionths of the currency, rounded up.
  public long costMicros(String model, long promptTokens, long completionTokens) {
    Price price = priceOf(model);
    if (price == null) {
      if (reported.add(model)) {
        LOG.atWarn().addKeyValue("model", model).log("model has no price, its calls count as free");
      }
      return 0;
    }
    BigInteger total =
        BigInteger.valueOf(price.prompt())
            .multiply(BigInteger.valueOf(promptTokens))
            .add(
                BigInteger.valueOf(price.completion())
                    .multiply(BigInteger.valueOf(completionTokens)));
    return total.add(MILLION).subtract(BigInteger.ONE).divide(MILLION).longValueExact();
  }

  private @Nullable Price priceOf(String model) {
    Price exact = prices.get(model);
    if (exact != null) {
      return exact;
    }
    return prices.entrySet().stream()
        .filter(e -> DATED.matcher(model).matches() && model.startsWith(e.getKey() + "-20"))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }
}
