package dev.nexus.bench;

import io.roastedroot.quickjs4j.core.JavyPluginModule;
import java.nio.charset.StandardCharsets;
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

/// A function in one QuickJS that is never renewed.
final class BareJavaScript implements ClosedLoop.Caller {
  private static final String ROAD =
      """
      const invoke = globalThis.java_invoke;
      globalThis.go = () => invoke('result', '', JSON.stringify(handle(JSON.parse(invoke('', '', '')))));
      """;

  private final WasiPreview1 wasi =
      WasiPreview1.builder().withOptions(WasiOptions.builder().build()).build();
  private final Instance instance;
  private final Memory memory;
  private final long[] go;
  private String result = "";

  BareJavaScript() {
    ValType i32 = ValType.I32;
    List<ImportFunction> functions = new ArrayList<>(Arrays.asList(wasi.toHostFunctions()));
    functions.add(
        new HostFunction(
            "endive",
            "invoke",
            FunctionType.of(List.of(i32, i32, i32, i32, i32, i32), List.of(i32)),
            this::invoke));
    instance =
        Instance.builder(JavyPluginModule.load())
            .withMachineFactory(JavyPluginModule::create)
            .withImportValues(ImportValues.builder().withFunctions(functions).build())
            .build();
    memory = instance.memory();
    instance.export("initialize_runtime").apply();
    instance.export("eval").apply(compiled(SandboxBenchmark.JAVA_SCRIPT + ROAD));
    go = compiled("globalThis.go()");
  }

  private long[] compiled(String source) {
    byte[] text = source.getBytes(StandardCharsets.UTF_8);
    int address = allocate(text.length);
    memory.write(address, text);
    int pair = (int) instance.export("compileSrc").apply(address, text.length)[0];
    return new long[] {memory.readInt(pair), memory.readInt(pair + 4), 0, 0};
  }

  private long[] invoke(Instance caller, long... args) {
    byte[] answer = new byte[0];
    if (args[1] == 0) {
      answer = SandboxBenchmark.INPUT.text().getBytes(StandardCharsets.UTF_8);
    } else {
      result = memory.readString((int) args[4], (int) args[5]);
    }
    int text = allocate(Math.max(1, answer.length));
    memory.write(text, answer);
    int pair = allocate(8);
    memory.writeI32(pair, text);
    memory.writeI32(pair + 4, answer.length);
    return new long[] {pair};
  }

  private int allocate(int bytes) {
    return (int) instance.export("cabi_realloc").apply(0, 0, 1, bytes)[0];
  }

  @Override
  public void call() {
    result = "";
    instance.export("eval").apply(go);
    if (!result.equals(SandboxBenchmark.OUTPUT.text())) {
      throw new IllegalStateException("the bare function gave '" + result + "'");
    }
  }

  @Override
  public void close() {
    wasi.close();
  }
}
