/**
 * The {@code pillion} command. Results go to stdout, everything else to stderr; exit codes are documented in
 * {@code docs/cli.md}. The built-in demo model is a resource of this room. No inference logic lives here.
 */
module dev.pillion.cli {
    requires dev.pillion.all;
    requires static org.jspecify;
    requires info.picocli;
    requires org.jline.reader;
    requires org.jline.terminal;
    requires com.fasterxml.jackson.core;
    requires java.logging;
    requires java.net.http;
    // JLine finds sun.misc.Signal by reflection; without it Ctrl-C could not cancel an answer.
    requires jdk.unsupported;

    opens dev.pillion.cli to
            info.picocli;
}
