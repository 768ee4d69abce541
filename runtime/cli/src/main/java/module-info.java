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
}
