/**
 * Who owns bytes. Budgets form a tree per device (weights, KV pool, workspace, staging), each child with its
 * reservation, limit and peak. The KV cache is cut into blocks of a fixed token count: a {@code BlockPool} hands them
 * out, a {@code BlockTable} maps a sequence's positions to them, and a {@code PrefixIndex} finds blocks whose tokens
 * were computed before; {@code KvCache} puts the three together, with a host tier behind the device pool where one is
 * wanted. The room knows neither requests nor kernels: it counts blocks and lists copies, and others move the bytes.
 */
module dev.pillion.memory {
    requires static org.jspecify;

    exports dev.pillion.memory;
}
