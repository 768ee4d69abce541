/**
 * Chat templates: the Jinja dialect that model files carry, rendered in a sandbox.
 *
 * <p>Text becomes tokens ({@code Lexer}), tokens a tree ({@code StatementParser}, {@code ExpressionParser},
 * {@code OperandParser}), and one {@code Interpreter} per render walks the tree with its {@code Evaluator}. The meaning
 * of values is Python's and lives in the classes whose names start with {@code Py}; filters, tests and methods are
 * tables, one file per kind. A template is untrusted: it sees plain values only, and {@code Budget} counts what it
 * uses.
 */
@NullMarked
package dev.pillion.model.template;

import org.jspecify.annotations.NullMarked;
