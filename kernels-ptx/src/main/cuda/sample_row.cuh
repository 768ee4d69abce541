// What sampling reads and writes; dev.pillion.kernels.SampleRow and SampleLogprobs write and read the same layouts.
#pragma once

// How one row of logits is sampled; 96 bytes.
struct SampleRow {
    double temperature;        // above 0
    double topP;               // 1: off
    double minP;               // 0: off
    double typicalP;           // 1: off
    double repetitionPenalty;  // 1: off
    double frequencyPenalty;   // 0: off
    double presencePenalty;    // 0: off
    unsigned long long seed;
    int position;         // tokens generated before this one
    int mode;             // SKIP, GREEDY or DRAW
    int topK;             // 0: off
    int logprobs;         // most likely tokens to report, up to MAX_LOGPROBS; -1: report nothing
    int adjustmentStart;  // this row's entries in the list of adjustments
    int adjustmentCount;
    int reserved[2];
};

// The row is padding: nothing of it is read or written.
constexpr int MODE_SKIP = 0;
constexpr int MODE_GREEDY = 1;
constexpr int MODE_DRAW = 2;

// What happens to one logit before the choice; 24 bytes. A token has at most one entry in a row's list.
struct SampleAdjustment {
    double bias;    // added first
    int token;      // below the vocabulary
    int generated;  // how often the token was generated
    int flags;      // BANNED, SEEN
    int reserved;
};

// The logit becomes -infinity.
constexpr int FLAG_BANNED = 1;
// The repetition penalty applies.
constexpr int FLAG_SEEN = 2;

constexpr int STATUS_CHOSEN = 0;
// A logit is NaN: the token reported is the first such one.
constexpr int STATUS_NAN_LOGIT = 1;
// No logit is above -infinity: the token reported is -1.
constexpr int STATUS_NO_TOKEN_LEFT = 2;

constexpr int MAX_LOGPROBS = 20;

// Log-probabilities of the model's own distribution at one row; 256 bytes.
struct SampleLogprobs {
    double chosen;
    int count;  // entries of tokens and logprobs
    int reserved;
    int tokens[MAX_LOGPROBS];
    double logprobs[MAX_LOGPROBS];
};

// An unsigned int that orders as the float does; both zeros give the same key.
__device__ __forceinline__ unsigned keyOf(float value) {
    int bits = __float_as_int(value + 0.0f);
    return bits ^ ((bits >> 31) | 0x80000000);
}

// The float of a key.
__device__ __forceinline__ float floatOf(unsigned key) {
    return __int_as_float(key & 0x80000000 ? key ^ 0x80000000 : ~key);
}
