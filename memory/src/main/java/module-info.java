/**
 * Who owns bytes. Budgets form a tree per device (weights, KV pool, workspace, staging), each child with its
 * reservation, limit and peak. The KV cache is cut into blocks of a fixed token count: a {@code BlockPool} hands them
 * out, a {@code BlockTable} maps a sequence's positions to them, and a prefix index finds blocks whose tokens were
 * computed before. The room knows neither requests nor kernels; the scheduler and the engine sit above it.
 */
module dev.pillion.memory {
    requires static org.jspecify;

}
