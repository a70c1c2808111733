package dev.nexus.executor.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nexus.executor.code.Language;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What stands under the name of a language is the module that was tried, or it is not started.
class PinnedModuleTest {
  /// Engines of its own, of which one resource is not what it was.
  private static final class Tampering extends ClassLoader {
    private static final List<String> OWN =
        List.of("dev.nexus.executor.wasm.", "io.roastedroot.", "io.trino.wasm.");
    private final ClassLoader parent = PinnedModuleTest.class.getClassLoader();
    private final String tampered;

    Tampering(String tampered) {
      super(PinnedModuleTest.class.getClassLoader());
      this.tampered = tampered;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (OWN.stream().noneMatch(name::startsWith)) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded == null ? defined(name) : loaded;
      }
    }

    private Class<?> defined(String name) throws ClassNotFoundException {
      try (InputStream in = parent.getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public @Nullable InputStream getResourceAsStream(String name) {
      InputStream in = parent.getResourceAsStream(name);
      if (in == null || !name.endsWith("/" + tampered)) {
        return in;
      }
      try (in) {
        byte[] bytes = in.readAllBytes();
        bytes[bytes.length - 1] ^= 1;
        return new ByteArrayInputStream(bytes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static void start(Language language, String tampered)
      throws ReflectiveOperationException {
    Class<?> code =
        Class.forName("dev.nexus.executor.wasm.WasmCode", true, new Tampering(tampered));
    code.getMethod("warm", Language.class).invoke(code.getConstructor().newInstance(), language);
  }

  @ParameterizedTest
  @EnumSource(Language.class)
  void shouldRefuseAnotherModuleUnderItsName(Language language) throws Exception {
    // Given engines that a loader of their own starts
    start(language, "nothing");

    // Then
    String module =
        switch (language) {
          case JAVASCRIPT -> "JavyPluginModule.meta";
          case PYTHON -> "Python.meta";
        };
    assertThatThrownBy(() -> start(language, module))
        .rootCause()
        .isInstanceOf(IllegalStateException.class)
        .hasMessageMatching("(QuickJS|Python) with SHA-256 \\w{64} expected, found \\w{64}");
  }

  @Test
  void shouldRefuseAModuleThatIsNotThere() {
    assertThatThrownBy(() -> PinnedModule.check("Lua", PinnedModuleTest.class, "lua.wasm", "00"))
        .hasMessage("Lua with SHA-256 00 expected, found none");
    assertThat(PinnedModuleTest.class.getResource("lua.wasm")).isNull();
  }
}
