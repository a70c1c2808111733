package dev.nexus.command.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.nexus.command.definition.Located.Field;
import dev.nexus.command.definition.Located.Fields;
import dev.nexus.command.definition.Located.Items;
import dev.nexus.command.definition.Located.Mark;
import dev.nexus.command.definition.Located.Scalar;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.AnchorNode;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.representer.Representer;

/// Reads YAML by the core schema of YAML 1.2: `on` is a text, `010` is ten. No object is ever
/// constructed from a tag, and what anchors expand to is bounded.
final class YamlFile {
  private static final int MAX_VALUES = 50_000;
  private static final int MAX_DEPTH = 60;
  private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]{1,200}");
  private static final Pattern NUMBER =
      Pattern.compile(
          "[-+]?(\\.[0-9]{1,100}|[0-9]{1,100}(\\.[0-9]{0,100})?)([eE][-+]?[0-9]{1,4})?");
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final String file;
  private int values;

  private YamlFile(String file) {
    this.file = file;
  }

  static Located read(String file, String text) throws FileSyntaxException {
    YamlFile reader = new YamlFile(file);
    try {
      Node root = yaml().compose(new StringReader(text));
      if (root == null) {
        throw new FileSyntaxException(new Mark(file, 1, 1), "expected YAML, found an empty file");
      }
      return reader.locate(root, 0);
    } catch (MarkedYAMLException e) {
      throw new FileSyntaxException(reader.mark(e.getProblemMark()), problem(e));
    } catch (YAMLException e) {
      throw new FileSyntaxException(new Mark(file, 1, 1), String.valueOf(e.getMessage()));
    }
  }

  private static Yaml yaml() {
    LoaderOptions options = new LoaderOptions();
    options.setMaxAliasesForCollections(20);
    options.setNestingDepthLimit(MAX_DEPTH);
    DumperOptions dumping = new DumperOptions();
    return new Yaml(new SafeConstructor(options), new Representer(dumping), dumping, options);
  }

  private static String problem(MarkedYAMLException e) {
    String context = e.getContext();
    return "not YAML: " + e.getProblem() + (context == null ? "" : " (" + context + ")");
  }

  private Located locate(Node node, int depth) throws FileSyntaxException {
    Mark mark = mark(node.getStartMark());
    if (++values > MAX_VALUES || depth > MAX_DEPTH) {
      throw new FileSyntaxException(
          mark, "expected at most " + MAX_VALUES + " values, " + MAX_DEPTH + " deep, found more");
    }
    return switch (node) {
      case ScalarNode scalar -> new Scalar(mark, value(scalar));
      case SequenceNode sequence -> {
        List<Located> items = new ArrayList<>();
        for (Node item : sequence.getValue()) {
          items.add(locate(item, depth + 1));
        }
        yield new Items(mark, items);
      }
      case MappingNode mapping -> new Fields(mark, fields(mapping, depth));
      case AnchorNode anchor -> locate(anchor.getRealNode(), depth + 1);
      default -> throw new FileSyntaxException(mark, "expected a value");
    };
  }

  private Map<String, Field> fields(MappingNode mapping, int depth) throws FileSyntaxException {
    Map<String, Field> fields = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      Mark mark = mark(tuple.getKeyNode().getStartMark());
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw new FileSyntaxException(mark, "expected a name, found a list or an object");
      }
      Field field = new Field(mark, locate(tuple.getValueNode(), depth + 1));
      if (fields.putIfAbsent(key.getValue(), field) != null) {
        throw new FileSyntaxException(mark, "the field " + key.getValue() + " stands here twice");
      }
    }
    return fields;
  }

  private static JsonNode value(ScalarNode scalar) {
    String text = scalar.getValue();
    if (!scalar.isPlain()) {
      return JSON.textNode(text);
    }
    return switch (text) {
      case "", "~", "null", "Null", "NULL" -> JSON.nullNode();
      case "true", "True", "TRUE" -> JSON.booleanNode(true);
      case "false", "False", "FALSE" -> JSON.booleanNode(false);
      default -> numberOrText(text);
    };
  }

  private static JsonNode numberOrText(String text) {
    if (INTEGER.matcher(text).matches()) {
      return JSON.numberNode(new BigInteger(text.startsWith("+") ? text.substring(1) : text));
    }
    return NUMBER.matcher(text).matches()
        ? JSON.numberNode(new BigDecimal(text))
        : JSON.textNode(text);
  }

  private Mark mark(org.yaml.snakeyaml.error.@Nullable Mark mark) {
    return mark == null
        ? new Mark(file, 1, 1)
        : new Mark(file, mark.getLine() + 1, mark.getColumn() + 1);
  }
}
