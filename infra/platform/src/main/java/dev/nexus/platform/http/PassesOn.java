package dev.nexus.platform.http;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// A call whose query is for somebody else, who alone knows what it may have.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface PassesOn {}
