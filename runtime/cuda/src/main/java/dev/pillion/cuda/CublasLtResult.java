package dev.pillion.cuda;

import dev.pillion.bindings.cublaslt.CublasLt;
import dev.pillion.kernels.driver.GpuException;
import java.lang.foreign.MemorySegment;

/** What cuBLASLt's functions return, turned into exceptions. A lost context shows in the driver's results, not in these. */
final class CublasLtResult {
    private CublasLtResult() {}

    /** Throws unless a call succeeded. */
    static void check(int status, String subject) {
        if (status != CublasLt.CUBLAS_STATUS_SUCCESS()) {
            throw failure(status, subject);
        }
    }

    /** The exception for a call that failed. */
    static GpuException failure(int status, String subject) {
        return new GpuException(
                status,
                text(CublasLt.cublasLtGetStatusName(status), "CUBLAS_STATUS_" + status),
                text(CublasLt.cublasLtGetStatusString(status), "unknown to this library"),
                subject,
                false);
    }

    private static String text(MemorySegment text, String otherwise) {
        return text.address() == 0 ? otherwise : text.getString(0);
    }
}
