// Control flow as the compiler lays it out: divergent loops, switches, early returns, calls.

extern "C" __global__ void collatz(int* out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    unsigned value = i + 1;
    int steps = 0;
    while (value != 1) {
        if (value % 2 == 0) {
            value /= 2;
            steps++;
            continue;
        }
        value = 3 * value + 1;
        steps++;
        if (steps > 1000) break;
    }
    out[i] = steps;
}

// Lanes leave inner loops at different times and must have met again at each shuffle.
extern "C" __global__ void meet(int* out) {
    int i = threadIdx.x, sum = 0;
    for (int round = 0; round < 5; round++) {
        int value = 0;
        for (int j = 0; j < (i * 7 + round) % 11; j++) {
            if ((i + j) % 3 == 0) continue;
            for (int k = 0; k < (i + j) % 4; k++) {
                value += i ^ k;
                if (value > 90 + round) break;
            }
            if (value % 13 == 5) break;
        }
        sum += __shfl_xor_sync(~0u, value, 1 + round) + __popc(__ballot_sync(~0u, value & 1));
    }
    out[i] = sum;
}

extern "C" __global__ void switches(int* out, int rounds) {
    int i = threadIdx.x, value = i;
    for (int round = 0; round < rounds; round++) {
        switch ((value + round) % 9) {
            case 0: value += 3; break;
            case 1: value ^= 0x55;
            case 2: value += i; break;
            case 3: value = value * 5 - 7; break;
            case 4: if (i % 5 == 4) { out[i] = -value; return; }
            case 5: value -= 11; break;
            case 6: for (int k = 0; k < i % 6; k++) value += k * round; break;
            case 7: value = ~value; break;
            default: value &= 0xffff;
        }
    }
    out[i] = value;
}

struct Pair { int low; float high; };

__device__ __noinline__ Pair mix(int a, float b, int depth) {
    Pair pair{a, b};
    for (int i = 0; i < depth; i++) {
        if (pair.low & 1) { pair.low = pair.low * 3 + i; continue; }
        pair.low >>= 1;
        pair.high += i;
        if (pair.low == 2) return pair;
    }
    return pair;
}

__device__ __noinline__ int twice(int a, int depth) { return mix(a, 0.5f, depth).low + mix(a + 1, 1.5f, depth / 2).low; }

extern "C" __global__ void calls(int* ints, float* floats) {
    int i = threadIdx.x;
    Pair pair = mix(i, i * 0.25f, i % 7);
    ints[i] = i % 3 ? pair.low : twice(i, i % 5);
    floats[i] = pair.high;
}

// Indexed by a value of the thread, so that it lies in local memory.
extern "C" __global__ void histogram(const int* values, int* out, int perThread) {
    int counts[16];
    for (int k = 0; k < 16; k++) counts[k] = 0;
    for (int k = 0; k < perThread; k++) counts[values[threadIdx.x * perThread + k] & 15]++;
    int best = 0;
    for (int k = 1; k < 16; k++) if (counts[k] > counts[best]) best = k;
    out[threadIdx.x] = best * 1000 + counts[best];
}
