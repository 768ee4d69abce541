package dev.pillion.scheduler;

import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What a step costs, one row per operation.
 *
 * @param operations one row for each {@link Operation}, in their order
 */
public record StepCost(List<OperationCost> operations) {
    /** Takes a copy of the rows. */
    public StepCost {
        operations = List.copyOf(operations);
    }

    /** The row of an operation. */
    public OperationCost of(Operation operation) {
        return operations.get(operation.ordinal());
    }

    /** Floating-point operations of the step. */
    public long flops() {
        return sum(OperationCost::flops);
    }

    /** Bytes of weights the step reads. */
    public long weightBytes() {
        return sum(OperationCost::weightBytes);
    }

    /** Bytes of keys and values the step reads. */
    public long kvReadBytes() {
        return sum(OperationCost::kvReadBytes);
    }

    /** Bytes of keys and values the step writes. */
    public long kvWriteBytes() {
        return sum(OperationCost::kvWriteBytes);
    }

    /** Operations the step starts. */
    public long launches() {
        return sum(OperationCost::launches);
    }

    /** The least time the step can take if its operations run one after the other. */
    public double seconds(DeviceCeilings device) {
        double seconds = 0;
        for (OperationCost operation : operations) {
            seconds += operation.seconds(device);
        }
        return seconds;
    }

    private long sum(ToLongFunction<OperationCost> of) {
        long sum = 0;
        for (OperationCost operation : operations) {
            sum += of.applyAsLong(operation);
        }
        return sum;
    }
}
