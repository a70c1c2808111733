package dev.nexus.standalone.export;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.avro.Schema;

/// What an export is written as.
public enum ExportFormat {
  /// Columns, compressed with Zstandard, for DuckDB, Spark, pandas and the like.
  PARQUET("parquet"),

  /// One JSON object a line.
  JSONL("jsonl");

  private final String extension;

  ExportFormat(String extension) {
    this.extension = extension;
  }

  /// The end of a file's name, without the dot.
  public String extension() {
    return extension;
  }

  RowFile create(Path file, Schema columns) throws IOException {
    return switch (this) {
      case PARQUET -> new ParquetFile(file, columns);
      case JSONL -> new JsonLinesFile(file, columns);
    };
  }
}
