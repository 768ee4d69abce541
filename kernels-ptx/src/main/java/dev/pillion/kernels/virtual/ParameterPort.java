package dev.pillion.kernels.virtual;

/** The way to the kernel's arguments; addresses are offsets. */
final class ParameterPort extends Port {
    ParameterPort(Warp warp, byte[] arguments) {
        super(warp);
        data = arguments;
    }

    @Override
    int read(long address, int bytes, int lane, Site site) {
        if (address < 0 || address + bytes > data.length) {
            throw outside("read", address, bytes, lane, site);
        }
        return (int) address;
    }

    @Override
    int write(long address, int bytes, int lane, Site site) {
        throw outside("write", address, bytes, lane, site);
    }

    @Override
    String space() {
        return "parameters";
    }

    @Override
    String describe(long address) {
        return "the kernel has " + data.length + " bytes of parameters, which are read-only";
    }
}
