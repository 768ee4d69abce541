/**
 * The one dependency a service declares: the engine and every backend. It holds no code; which backend serves is decided
 * at startup.
 */
module dev.pillion.all {
    requires transitive dev.pillion;
    requires dev.pillion.cpu;
    requires dev.pillion.cuda;
    requires dev.pillion.tornado;
}
