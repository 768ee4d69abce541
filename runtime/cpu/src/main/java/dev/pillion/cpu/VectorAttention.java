package dev.pillion.cpu;

import static dev.pillion.cpu.VectorWidth.FLOATS;
import static dev.pillion.cpu.VectorWidth.LANES;
import static dev.pillion.cpu.VectorWidth.load;
import static dev.pillion.cpu.VectorWidth.zero;

import jdk.incubator.vector.FloatVector;

/**
 * Products of queries with the keys of a tile, and of weights with its values. Scores have positions as lanes, weighted
 * values have elements of the head as lanes; both run along the other dimension in ascending order with one fused
 * multiply-add per step, so no sum across lanes is needed. Four queries at once share the loads of keys and values.
 */
final class VectorAttention {
    /** Vectors of positions or elements treated at once. */
    private static final int WIDE = 4 * LANES;

    private VectorAttention() {}

    static void scores(
            float[] q, int[] qOffsets, int firstQuery, int queries, KvTile tile, int from, int to, float[] scores) {
        int end = Math.ceilDiv(to, LANES) * LANES;
        int place = from / LANES * LANES;
        for (; place + WIDE <= end; place += WIDE) {
            if (queries == 4) {
                fourQueriesWide(q, qOffsets, firstQuery, tile.keys, place * tile.headDim, tile.headDim, scores, place);
            } else {
                for (int i = 0; i < queries; i++) {
                    oneQueryWide(q, qOffsets[firstQuery + i], tile.keys, place * tile.headDim, tile.headDim, scores,
                            i * KvTile.TOKENS + place);
                }
            }
        }
        for (; place < end; place += LANES) {
            for (int i = 0; i < queries; i++) {
                oneQuery(q, qOffsets[firstQuery + i], tile.keys, place * tile.headDim, tile.headDim, scores,
                        i * KvTile.TOKENS + place);
            }
        }
    }

    private static void oneQuery(
            float[] q, int q0, float[] keys, int k0, int headDim, float[] scores, int scoresOffset) {
        FloatVector s = zero();
        for (int d = 0; d < headDim; d++) {
            s = load(keys, k0 + d * LANES).fma(FloatVector.broadcast(FLOATS, q[q0 + d]), s);
        }
        s.intoArray(scores, scoresOffset);
    }

    private static void oneQueryWide(
            float[] q, int q0, float[] keys, int k0, int headDim, float[] scores, int scoresOffset) {
        int k1 = k0 + headDim * LANES;
        int k2 = k1 + headDim * LANES;
        int k3 = k2 + headDim * LANES;
        FloatVector s0 = zero();
        FloatVector s1 = zero();
        FloatVector s2 = zero();
        FloatVector s3 = zero();
        for (int d = 0; d < headDim; d++) {
            FloatVector v = FloatVector.broadcast(FLOATS, q[q0 + d]);
            s0 = load(keys, k0 + d * LANES).fma(v, s0);
            s1 = load(keys, k1 + d * LANES).fma(v, s1);
            s2 = load(keys, k2 + d * LANES).fma(v, s2);
            s3 = load(keys, k3 + d * LANES).fma(v, s3);
        }
        store(s0, s1, s2, s3, scores, scoresOffset);
    }

    private static void fourQueriesWide(
            float[] q, int[] qOffsets, int first, float[] keys, int k0, int headDim, float[] scores, int place) {
        int q0 = qOffsets[first];
        int q1 = qOffsets[first + 1];
        int q2 = qOffsets[first + 2];
        int q3 = qOffsets[first + 3];
        int k1 = k0 + headDim * LANES;
        int k2 = k1 + headDim * LANES;
        int k3 = k2 + headDim * LANES;
        FloatVector s00 = zero();
        FloatVector s01 = zero();
        FloatVector s02 = zero();
        FloatVector s03 = zero();
        FloatVector s10 = zero();
        FloatVector s11 = zero();
        FloatVector s12 = zero();
        FloatVector s13 = zero();
        FloatVector s20 = zero();
        FloatVector s21 = zero();
        FloatVector s22 = zero();
        FloatVector s23 = zero();
        FloatVector s30 = zero();
        FloatVector s31 = zero();
        FloatVector s32 = zero();
        FloatVector s33 = zero();
        for (int d = 0; d < headDim; d++) {
            FloatVector a = load(keys, k0 + d * LANES);
            FloatVector b = load(keys, k1 + d * LANES);
            FloatVector c = load(keys, k2 + d * LANES);
            FloatVector e = load(keys, k3 + d * LANES);
            FloatVector v = FloatVector.broadcast(FLOATS, q[q0 + d]);
            s00 = a.fma(v, s00);
            s01 = b.fma(v, s01);
            s02 = c.fma(v, s02);
            s03 = e.fma(v, s03);
            v = FloatVector.broadcast(FLOATS, q[q1 + d]);
            s10 = a.fma(v, s10);
            s11 = b.fma(v, s11);
            s12 = c.fma(v, s12);
            s13 = e.fma(v, s13);
            v = FloatVector.broadcast(FLOATS, q[q2 + d]);
            s20 = a.fma(v, s20);
            s21 = b.fma(v, s21);
            s22 = c.fma(v, s22);
            s23 = e.fma(v, s23);
            v = FloatVector.broadcast(FLOATS, q[q3 + d]);
            s30 = a.fma(v, s30);
            s31 = b.fma(v, s31);
            s32 = c.fma(v, s32);
            s33 = e.fma(v, s33);
        }
        store(s00, s01, s02, s03, scores, place);
        store(s10, s11, s12, s13, scores, KvTile.TOKENS + place);
        store(s20, s21, s22, s23, scores, 2 * KvTile.TOKENS + place);
        store(s30, s31, s32, s33, scores, 3 * KvTile.TOKENS + place);
    }

    static void addValues(
            float[] scores, int firstQuery, int queries, KvTile tile, int from, int to, float[] out, int outStride) {
        int headDim = tile.headDim;
        int d = 0;
        for (; d + WIDE <= headDim; d += WIDE) {
            if (queries == 4) {
                fourQueriesWide(scores, firstQuery * KvTile.TOKENS, tile.values, d, headDim, from, to, out,
                        firstQuery * outStride + d, outStride);
            } else {
                for (int i = firstQuery; i < firstQuery + queries; i++) {
                    oneQueryWide(scores, i * KvTile.TOKENS, tile.values, d, headDim, from, to, out, i * outStride + d);
                }
            }
        }
        for (; d < headDim; d += LANES) {
            for (int i = firstQuery; i < firstQuery + queries; i++) {
                oneQuery(scores, i * KvTile.TOKENS, tile.values, d, headDim, from, to, out, i * outStride + d);
            }
        }
    }

    private static void oneQuery(
            float[] scores, int s0, float[] values, int v0, int headDim, int from, int to, float[] out, int o0) {
        FloatVector o = load(out, o0);
        for (int place = from; place < to; place++) {
            o = load(values, v0 + place * headDim).fma(FloatVector.broadcast(FLOATS, scores[s0 + place]), o);
        }
        o.intoArray(out, o0);
    }

    private static void oneQueryWide(
            float[] scores, int s0, float[] values, int v0, int headDim, int from, int to, float[] out, int o0) {
        FloatVector a = load(out, o0);
        FloatVector b = load(out, o0 + LANES);
        FloatVector c = load(out, o0 + 2 * LANES);
        FloatVector d = load(out, o0 + 3 * LANES);
        for (int place = from; place < to; place++) {
            int v = v0 + place * headDim;
            FloatVector s = FloatVector.broadcast(FLOATS, scores[s0 + place]);
            a = load(values, v).fma(s, a);
            b = load(values, v + LANES).fma(s, b);
            c = load(values, v + 2 * LANES).fma(s, c);
            d = load(values, v + 3 * LANES).fma(s, d);
        }
        a.intoArray(out, o0);
        b.intoArray(out, o0 + LANES);
        c.intoArray(out, o0 + 2 * LANES);
        d.intoArray(out, o0 + 3 * LANES);
    }

    private static void fourQueriesWide(
            float[] scores, int s0, float[] values, int v0, int headDim, int from, int to, float[] out, int o0,
            int stride) {
        int o1 = o0 + stride;
        int o2 = o1 + stride;
        int o3 = o2 + stride;
        FloatVector a0 = load(out, o0);
        FloatVector b0 = load(out, o0 + LANES);
        FloatVector c0 = load(out, o0 + 2 * LANES);
        FloatVector d0 = load(out, o0 + 3 * LANES);
        FloatVector a1 = load(out, o1);
        FloatVector b1 = load(out, o1 + LANES);
        FloatVector c1 = load(out, o1 + 2 * LANES);
        FloatVector d1 = load(out, o1 + 3 * LANES);
        FloatVector a2 = load(out, o2);
        FloatVector b2 = load(out, o2 + LANES);
        FloatVector c2 = load(out, o2 + 2 * LANES);
        FloatVector d2 = load(out, o2 + 3 * LANES);
        FloatVector a3 = load(out, o3);
        FloatVector b3 = load(out, o3 + LANES);
        FloatVector c3 = load(out, o3 + 2 * LANES);
        FloatVector d3 = load(out, o3 + 3 * LANES);
        for (int place = from; place < to; place++) {
            int v = v0 + place * headDim;
            FloatVector a = load(values, v);
            FloatVector b = load(values, v + LANES);
            FloatVector c = load(values, v + 2 * LANES);
            FloatVector d = load(values, v + 3 * LANES);
            FloatVector s = FloatVector.broadcast(FLOATS, scores[s0 + place]);
            a0 = a.fma(s, a0);
            b0 = b.fma(s, b0);
            c0 = c.fma(s, c0);
            d0 = d.fma(s, d0);
            s = FloatVector.broadcast(FLOATS, scores[s0 + KvTile.TOKENS + place]);
            a1 = a.fma(s, a1);
            b1 = b.fma(s, b1);
            c1 = c.fma(s, c1);
            d1 = d.fma(s, d1);
            s = FloatVector.broadcast(FLOATS, scores[s0 + 2 * KvTile.TOKENS + place]);
            a2 = a.fma(s, a2);
            b2 = b.fma(s, b2);
            c2 = c.fma(s, c2);
            d2 = d.fma(s, d2);
            s = FloatVector.broadcast(FLOATS, scores[s0 + 3 * KvTile.TOKENS + place]);
            a3 = a.fma(s, a3);
            b3 = b.fma(s, b3);
            c3 = c.fma(s, c3);
            d3 = d.fma(s, d3);
        }
        store(a0, b0, c0, d0, out, o0);
        store(a1, b1, c1, d1, out, o1);
        store(a2, b2, c2, d2, out, o2);
        store(a3, b3, c3, d3, out, o3);
    }

    private static void store(FloatVector a, FloatVector b, FloatVector c, FloatVector d, float[] out, int offset) {
        a.intoArray(out, offset);
        b.intoArray(out, offset + LANES);
        c.intoArray(out, offset + 2 * LANES);
        d.intoArray(out, offset + 3 * LANES);
    }
}
