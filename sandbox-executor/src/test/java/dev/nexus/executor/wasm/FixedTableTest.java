package dev.nexus.executor.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roastedroot.quickjs4j.core.JavyPluginModule;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import run.endive.runtime.TableInstance;
import run.endive.runtime.TrapException;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.Global;
import run.endive.wasm.types.MutabilityType;
import run.endive.wasm.types.Table;
import run.endive.wasm.types.TableLimits;
import run.endive.wasm.types.ValType;
import run.endive.wasm.types.Value;

class FixedTableTest {

  private static TableInstance filled() {
    var table = new TableInstance(new Table(ValType.FuncRef, new TableLimits(3, 9)), 0);
    table.setRef(0, 7, null);
    table.setRef(1, Value.REF_NULL_VALUE, null);
    table.setRef(2, 5, null);
    return table;
  }

  private static List<Integer> functions(TableInstance table) {
    return IntStream.range(0, table.size()).mapToObj(table::ref).toList();
  }

  @Test
  void shouldHoldWhatItWasFilledWith() {
    // When
    var table = new FixedTable(filled());

    // Then
    assertThat(functions(table)).containsExactly(7, Value.REF_NULL_VALUE, 5);
    assertThatThrownBy(() -> table.requiredRef(1)).hasMessageContaining("uninitialized");
    assertThatThrownBy(() -> table.ref(3)).hasMessageContaining("undefined");
  }

  @Test
  void shouldBeChangedByNobody() {
    // Given
    var table = new FixedTable(filled());
    List<ThrowingCallable> changes =
        List.of(
            () -> table.setRef(0, 1, null),
            () -> table.setObjRef(0, "x", null),
            () -> table.grow(1, 1, null),
            () -> table.growWithRef(1, "x", null),
            table::reset);

    // When, then
    for (ThrowingCallable change : changes) {
      assertThatThrownBy(change).isInstanceOf(TrapException.class);
    }
    assertThat(functions(table)).containsExactly(7, Value.REF_NULL_VALUE, 5);
    assertThat(table.limits().max()).isEqualTo(3);
  }

  static List<WasmModule> languages() {
    return List.of(JavyPluginModule.load(), io.trino.wasm.python.Python.load());
  }

  /// What an instance has beside its memory: a snapshot has its one global that changes, and there
  /// is nothing else that a call could leave. The modules are compiled, so their code cannot be
  /// looked at; but without a count of data none of it can be dropped, and without tags there are
  /// no exceptions to remember.
  @ParameterizedTest
  @MethodSource("languages")
  void shouldBeAllThatInstancesOfALanguageShare(WasmModule module) {
    assertThat(module.tableSection().tableCount()).isOne();
    assertThat(module.dataCountSection()).isEmpty();
    assertThat(module.tagSection()).isEmpty();
    assertThat(module.startSection()).isEmpty();
    assertThat(
            Arrays.stream(module.globalSection().globals())
                .map(Global::mutabilityType)
                .filter(MutabilityType.Var::equals))
        .hasSize(1);
    assertThat(module.globalSection().globals()[0].mutabilityType()).isEqualTo(MutabilityType.Var);
  }
}
