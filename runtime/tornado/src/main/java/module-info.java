/**
 * The TornadoVM backend, for machines that have the TornadoVM runtime. It is empty until that backend is built, and no
 * provider is registered.
 */
module dev.pillion.tornado {
    requires dev.pillion;
}
