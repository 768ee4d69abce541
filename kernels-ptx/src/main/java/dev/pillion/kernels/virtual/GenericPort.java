package dev.pillion.kernels.virtual;

/** The way to whatever space a generic address lies in. */
final class GenericPort extends Port {
    GenericPort(Warp warp) {
        super(warp);
    }

    private Port port(long address) {
        return GenericSpace.isGlobal(address) ? warp.global : GenericSpace.isShared(address) ? warp.shared
                : GenericSpace.isLocal(address) ? warp.local : warp.parameters;
    }

    private static long within(long address) {
        return GenericSpace.isGlobal(address) ? address : GenericSpace.isShared(address) ? address - GenericSpace.SHARED
                : GenericSpace.isLocal(address) ? address - GenericSpace.LOCAL : address - GenericSpace.PARAM;
    }

    @Override
    int read(long address, int bytes, int lane, Site site) {
        Port port = port(address);
        int at = port.read(within(address), bytes, lane, site);
        data = port.data;
        return at;
    }

    @Override
    int write(long address, int bytes, int lane, Site site) {
        Port port = port(address);
        int at = port.write(within(address), bytes, lane, site);
        data = port.data;
        overlap = port.overlap;
        port.overlap = false;
        return at;
    }

    @Override
    int update(long address, int bytes, int lane, Site site) {
        Port port = port(address);
        int at = port.update(within(address), bytes, lane, site);
        data = port.data;
        return at;
    }

    @Override
    Object lock(long address) {
        return port(address).lock(within(address));
    }

    @Override
    String space() {
        return "generic memory";
    }

    @Override
    String describe(long address) {
        return warp.global.describe(address);
    }
}
