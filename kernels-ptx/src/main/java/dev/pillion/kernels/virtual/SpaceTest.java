package dev.pillion.kernels.virtual;

/** {@code isspacep}: which space a generic address lies in. */
final class SpaceTest {
    private SpaceTest() {}

    static Instruction decode(Operands o) {
        Lanes.LongRelation test = switch (Space.of(o.instruction())) {
            case GLOBAL -> (a, _) -> GenericSpace.isGlobal(a);
            case SHARED -> (a, _) -> GenericSpace.isShared(a);
            case LOCAL -> (a, _) -> GenericSpace.isLocal(a);
            default -> throw o.unknown();
        };
        PredicateTarget target = PredicateTarget.plain(o.predicateTarget(o.operand(0)));
        int a = o.longWord(1);
        return LaneInstructions.of(Lanes.testLong(test), target, a, a);
    }
}
