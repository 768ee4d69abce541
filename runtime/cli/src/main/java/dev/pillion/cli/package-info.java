/**
 * The {@code pillion} command: one class per subcommand, mixins for the options they share, and the few things a
 * command line needs besides: where results and messages go, which exit code says what, how JSON is written.
 */
@NullMarked
package dev.pillion.cli;

import org.jspecify.annotations.NullMarked;
