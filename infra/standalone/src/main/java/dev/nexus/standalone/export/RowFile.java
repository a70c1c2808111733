package dev.nexus.standalone.export;

import java.io.IOException;
import org.apache.avro.generic.GenericRecord;

/// A file that takes rows, one after the other, and is whole when closed.
interface RowFile extends AutoCloseable {
  void write(GenericRecord row) throws IOException;

  @Override
  void close() throws IOException;
}
