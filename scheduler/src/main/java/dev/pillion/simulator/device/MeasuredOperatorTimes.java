package dev.pillion.simulator.device;

import dev.pillion.scheduler.Operation;
import dev.pillion.simulator.device.OperatorMeasurements.AttentionSample;
import dev.pillion.simulator.device.OperatorMeasurements.Sample;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Times of operations as they were measured for one model on one device, interpolated by rows; attention by the ratio of what
 * was measured to what the roofline says. What a table lacks comes from the roofline: attention, in tables without it.
 */
public final class MeasuredOperatorTimes implements OperatorTimes {
    private final Map<Operation, MeasuredCurve> curves = new EnumMap<>(Operation.class);
    private final OperatorTimes roofline;
    private final Optional<AttentionGrid> chunks;
    private final Optional<AttentionGrid> decodes;
    private final Optional<AttentionGrid> both;

    private MeasuredOperatorTimes(Map<Operation, MeasuredCurve> curves, List<AttentionSample> attention, OperatorTimes roofline) {
        this.curves.putAll(curves);
        this.roofline = roofline;
        this.chunks = grid(attention, sample -> sample.decodes() == 0);
        this.decodes = grid(attention, sample -> sample.chunk() == 0);
        this.both = grid(attention, sample -> sample.chunk() > 0 && sample.decodes() > 0);
    }

    private Optional<AttentionGrid> grid(List<AttentionSample> attention, Predicate<AttentionSample> kind) {
        List<AttentionSample> samples = attention.stream().filter(kind).toList();
        return samples.isEmpty() ? Optional.empty() : Optional.of(new AttentionGrid(samples, this::modelled));
    }

    private double modelled(AttentionSample sample) {
        return roofline.attentionSeconds(
                sample.chunk() > 0 ? 1 : 0, sample.chunk(), sample.chunkWork(), sample.decodes(),
                (long) sample.decodes() * sample.context());
    }

    /**
     * Times from a profile of Vidur.
     *
     * @param ranks whose times to take; they must have been measured
     * @param roofline times of the same model on the same device, for what the profile lacks
     * @throws IllegalArgumentException if an operation was not measured with so many ranks
     */
    public static MeasuredOperatorTimes vidur(OperatorMeasurements measured, int ranks, RooflineOperatorTimes roofline) {
        Map<Operation, MeasuredCurve> curves = new EnumMap<>(Operation.class);
        curves.put(Operation.EMBED, curve(measured, "emb", ranks));
        curves.put(Operation.QKV, curve(measured, "attn_pre_proj", ranks));
        curves.put(Operation.ROPE_KV_WRITE, curve(measured, "attn_rope", ranks));
        curves.put(Operation.ATTENTION_OUT, curve(measured, "attn_post_proj", ranks));
        curves.put(Operation.GATE_UP, curve(measured, "mlp_up_proj", ranks));
        curves.put(Operation.ACTIVATION, curve(measured, "mlp_act", ranks));
        curves.put(Operation.DOWN, curve(measured, "mlp_down_proj", ranks));
        MeasuredCurve norm = curve(measured, "input_layernorm", ranks);
        MeasuredCurve add = curve(measured, "add", ranks);
        List<Sample> sums = measured.of("input_layernorm", ranks).stream()
                .map(sample -> new Sample(ranks, sample.rows(), norm.at(sample.rows()) + add.at(sample.rows())))
                .toList();
        curves.put(Operation.NORM, new MeasuredCurve(sums));
        return new MeasuredOperatorTimes(curves, measured.attention(), roofline);
    }

    /**
     * Times from tables of LLMServingSim, which were made with one rank.
     *
     * @param roofline times of the same model on the same device with {@link AttentionLaunch#MERGED}, as the tables were made
     * @throws IllegalArgumentException if an operation is missing
     */
    public static MeasuredOperatorTimes servingSim(OperatorMeasurements measured, RooflineOperatorTimes roofline) {
        Map<Operation, MeasuredCurve> curves = new EnumMap<>(Operation.class);
        curves.put(Operation.EMBED, curve(measured, "embedding", 1));
        curves.put(Operation.NORM, curve(measured, "layernorm", 1));
        curves.put(Operation.QKV, curve(measured, "qkv_proj", 1));
        curves.put(Operation.ROPE_KV_WRITE, curve(measured, "rotary_emb", 1));
        curves.put(Operation.ATTENTION_OUT, curve(measured, "o_proj", 1));
        curves.put(Operation.GATE_UP, curve(measured, "gate_up_proj", 1));
        curves.put(Operation.ACTIVATION, curve(measured, "act_fn", 1));
        curves.put(Operation.DOWN, curve(measured, "down_proj", 1));
        curves.put(Operation.LOGITS, curve(measured, "lm_head", 1));
        return new MeasuredOperatorTimes(curves, measured.attention(), roofline);
    }

    /**
     * Times of attention from tables of LLMServingSim, all others from the roofline: for models whose layers have other
     * operations than these.
     *
     * @param roofline times of the same model on the same device with {@link AttentionLaunch#MERGED}, as the tables were made
     */
    public static MeasuredOperatorTimes attention(OperatorMeasurements measured, RooflineOperatorTimes roofline) {
        return new MeasuredOperatorTimes(Map.of(), measured.attention(), roofline);
    }

    private static MeasuredCurve curve(OperatorMeasurements measured, String operation, int ranks) {
        return new MeasuredCurve(measured.of(operation, ranks));
    }

    @Override
    public double seconds(Operation operation, long rows) {
        MeasuredCurve curve = curves.get(operation);
        if (curve == null) {
            return roofline.seconds(operation, rows);
        }
        return rows == 0 ? 0 : curve.at(rows);
    }

    @Override
    public double attentionSeconds(long chunkCount, long chunkTokens, long chunkWork, long decodeCount, long decodeContext) {
        double modelled = roofline.attentionSeconds(chunkCount, chunkTokens, chunkWork, decodeCount, decodeContext);
        Optional<AttentionGrid> grid = chunkCount == 0 ? decodes : decodeCount == 0 ? chunks : both;
        if (grid.isEmpty() || chunkCount + decodeCount == 0) {
            return modelled;
        }
        double start = chunkCount == 0
                ? 0
                : (double) chunkWork / chunkTokens - ((double) chunkTokens / chunkCount + 1) / 2;
        double context = decodeCount == 0 ? 0 : (double) decodeContext / decodeCount;
        return modelled * grid.get().ratio(chunkTokens, start, decodeCount, context);
    }
}
