package dev.pillion.kernels.virtual;

import java.util.Arrays;

/** Loads of arguments, which are the same for all lanes. */
final class LoadParameter extends Instruction {
    private final Load load;

    LoadParameter(Load load) {
        this.load = load;
    }

    @Override
    void run(Warp warp, int mask) {
        if (mask != ALL || !load.memory().fixed()) {
            load.run(warp, mask);
            return;
        }
        Port port = warp.parameters;
        int at = port.read(load.memory().address(warp, 0), load.total(), 0, load.site());
        load.take(warp, 0, port.data, at);
        for (int k = 0; k < load.count(); k++) {
            if (load.isWide()) {
                Arrays.fill(warp.longs[load.target(k)], warp.longs[load.target(k)][0]);
            } else {
                Arrays.fill(warp.words[load.target(k)], warp.words[load.target(k)][0]);
            }
        }
    }
}
