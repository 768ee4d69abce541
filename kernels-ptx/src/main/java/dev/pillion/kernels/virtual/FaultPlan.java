package dev.pillion.kernels.virtual;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Faults to inject. Launches, allocations and calls are counted from 1 over all contexts of a driver, replayed graphs
 * included; a launch fault with a kernel's name counts that kernel's launches only. Thread-safe.
 */
public final class FaultPlan {
    private final List<Planned> planned = new ArrayList<>();
    private final List<String> launches = new ArrayList<>();
    private long allocationCount;
    private long callCount;
    private long failingAllocation;
    private long failingCall;
    private String failingModule = "";
    private boolean released;

    /** Faults that a launch can meet. */
    enum LaunchFault {
        /** The call is refused. */
        REFUSED,
        /** The kernel fails while it runs. */
        FAILED,
        /** The kernel touches memory that is not its. */
        ILLEGAL_ADDRESS,
        /** The kernel never ends. */
        HANG
    }

    private static final class Planned {
        final LaunchFault fault;
        final Optional<String> kernel;
        long left;

        Planned(LaunchFault fault, Optional<String> kernel, long left) {
            this.fault = fault;
            this.kernel = kernel;
            this.left = left;
        }
    }

    /** No faults yet. */
    public FaultPlan() {}

    /** The n-th launch is refused at the call with {@code CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES}; the context lives on. */
    public FaultPlan refuseLaunch(long n) {
        return plan(LaunchFault.REFUSED, Optional.empty(), n);
    }

    /** The n-th launch fails while it runs, with {@code CUDA_ERROR_LAUNCH_FAILED}; the context is lost. */
    public FaultPlan failLaunch(long n) {
        return plan(LaunchFault.FAILED, Optional.empty(), n);
    }

    /** The n-th launch of a kernel fails while it runs, with {@code CUDA_ERROR_LAUNCH_FAILED}; the context is lost. */
    public FaultPlan failLaunch(String kernel, long n) {
        return plan(LaunchFault.FAILED, Optional.of(kernel), n);
    }

    /** The n-th launch ends with {@code CUDA_ERROR_ILLEGAL_ADDRESS}; the context is lost. */
    public FaultPlan corruptLaunch(long n) {
        return plan(LaunchFault.ILLEGAL_ADDRESS, Optional.empty(), n);
    }

    /** The n-th launch never ends, until {@link #release} or until the context is closed. */
    public FaultPlan hangLaunch(long n) {
        return plan(LaunchFault.HANG, Optional.empty(), n);
    }

    /** The n-th launch of a kernel never ends, until {@link #release} or until the context is closed. */
    public FaultPlan hangLaunch(String kernel, long n) {
        return plan(LaunchFault.HANG, Optional.of(kernel), n);
    }

    private synchronized FaultPlan plan(LaunchFault fault, Optional<String> kernel, long n) {
        if (n < 1) {
            throw new IllegalArgumentException("launches count from 1, not " + n);
        }
        planned.add(new Planned(fault, kernel, n));
        return this;
    }

    /** The n-th allocation of device memory fails with {@code CUDA_ERROR_OUT_OF_MEMORY}. */
    public synchronized FaultPlan failAllocation(long n) {
        failingAllocation = n;
        return this;
    }

    /** The n-th call of a context, and every later one, fails with {@code CUDA_ERROR_UNKNOWN}; the context is lost. */
    public synchronized FaultPlan loseContextAtCall(long n) {
        failingCall = n;
        return this;
    }

    /** Loading a module of this name fails with {@code CUDA_ERROR_INVALID_PTX}. */
    public synchronized FaultPlan failModule(String name) {
        failingModule = name;
        return this;
    }

    /** Lets kernels that hang end. */
    public synchronized void release() {
        released = true;
        notifyAll();
    }

    /** Names of the kernels launched so far, in order. */
    public synchronized List<String> launches() {
        return List.copyOf(launches);
    }

    /** Number of allocations so far. */
    public synchronized long allocations() {
        return allocationCount;
    }

    /** Number of calls so far. */
    public synchronized long calls() {
        return callCount;
    }

    /** Counts a launch at its call and says whether it is refused. */
    synchronized boolean refuses(String kernel) {
        return count(kernel, true).isPresent();
    }

    /** Counts a launch as it begins to run and says what happens to it. */
    synchronized Optional<LaunchFault> launch(String kernel) {
        launches.add(kernel);
        return count(kernel, false);
    }

    private Optional<LaunchFault> count(String kernel, boolean atCall) {
        Optional<LaunchFault> fault = Optional.empty();
        for (Planned plan : planned) {
            boolean counts = plan.fault == LaunchFault.REFUSED == atCall
                    && plan.kernel.map(kernel::equals).orElse(true);
            if (counts && --plan.left == 0) {
                fault = Optional.of(plan.fault);
            }
        }
        return fault;
    }

    /** Waits until kernels that hang are let go, or until the context is closed. */
    synchronized void hang(ContextState state) {
        MonitorWait.during(this, () -> !released && !state.closed());
    }

    /** Counts an allocation and says whether it fails. */
    synchronized boolean allocationFails() {
        return ++allocationCount == failingAllocation;
    }

    /** Counts a call and says whether the context is lost. */
    synchronized boolean callFails() {
        return ++callCount == failingCall;
    }

    synchronized boolean moduleFails(String name) {
        return name.equals(failingModule);
    }
}
