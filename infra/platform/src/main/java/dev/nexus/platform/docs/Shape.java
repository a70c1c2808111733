package dev.nexus.platform.docs;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Where JSON differs from the record that stands for it in the description of the API.
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.TYPE})
public @interface Shape {
  /// Name of a member, or of the schema of a type, where it is not that in Java.
  String name() default "";

  /// The names of an enum are written in lower case.
  boolean lower() default false;

  /// An object has further members besides those of the record.
  boolean open() default false;

  /// An object with other members than those of the record is refused.
  boolean closed() default false;
}
