package dev.nexus.bench;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import io.trino.wasm.python.Python;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import run.endive.runtime.HostFunction;
import run.endive.runtime.ImportFunction;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.runtime.Memory;
import run.endive.wasi.WasiOptions;
import run.endive.wasi.WasiPreview1;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.ValType;

/// A function in one CPython that is never renewed.
final class BarePython implements ClosedLoop.Caller {
  private static final String ROAD =
      """
      import json
      def go(text):
          return json.dumps(handle(json.loads(text)), separators=(',', ':'))
      """;
  private static final int ROW = 0;
  private static final int TEXT = 11;

  private final FileSystem files =
      Jimfs.newFileSystem(Configuration.unix().toBuilder().setAttributeViews("unix").build());
  private final WasiPreview1 wasi;
  private final Instance instance;
  private final Memory memory;
  private final byte[] input;

  BarePython() throws IOException {
    Path directory = Files.createDirectories(files.getPath("/guest"));
    Files.writeString(directory.resolve("guest.py"), SandboxBenchmark.PYTHON + ROAD);
    wasi =
        WasiPreview1.builder()
            .withOptions(WasiOptions.builder().withDirectory("/guest", directory).build())
            .build();
    ValType i32 = ValType.I32;
    List<ImportFunction> functions = new ArrayList<>(Arrays.asList(wasi.toHostFunctions()));
    functions.add(
        new HostFunction(
            "trino",
            "return_error",
            FunctionType.of(List.of(i32, i32, i32, i32, i32), List.of()),
            (caller, args) -> {
              throw new IllegalStateException(
                  caller.memory().readString((int) args[1], (int) args[2]));
            }));
    instance =
        Instance.builder(Python.load())
            .withMachineFactory(Python::create)
            .withImportValues(ImportValues.builder().withFunctions(functions).build())
            .withStart(false)
            .build();
    memory = instance.memory();
    instance
        .export("setup")
        .apply(
            written("go\0".getBytes(StandardCharsets.US_ASCII)),
            written(buffer(12).putInt(ROW).putInt(1).putInt(TEXT).array()),
            written(buffer(4).putInt(TEXT).array()));
    byte[] text = SandboxBenchmark.INPUT.text().getBytes(StandardCharsets.UTF_8);
    input =
        buffer(6 + text.length).put((byte) 1).put((byte) 1).putInt(text.length).put(text).array();
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private int written(byte[] bytes) {
    int address = (int) instance.export("allocate").apply(bytes.length)[0];
    memory.write(address, bytes);
    return address;
  }

  @Override
  public void call() {
    int given = written(input);
    int result = (int) instance.export("execute").apply(given)[0];
    String text = memory.readString(result + 9, memory.readInt(result + 5));
    instance.export("deallocate").apply(given);
    instance.export("deallocate").apply(result);
    if (!text.equals(SandboxBenchmark.OUTPUT.text())) {
      throw new IllegalStateException("the bare function gave '" + text + "'");
    }
  }

  @Override
  public void close() throws IOException {
    wasi.close();
    files.close();
  }
}
