package dev.pillion.simulator.device;

import dev.pillion.scheduler.Operation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Fitted coefficients of the operations on one kind of device, from the resource {@code operator-coefficients.properties}, which
 * says how it was made. What was not measured on a device names the device it is taken from.
 */
public final class OperatorCoefficients {
    /** What a described device follows when it names nothing. */
    static final String DEFAULT = "h100";

    private static final String RESOURCE = "operator-coefficients.properties";
    private static final int[] RANKS = {2, 4, 8};
    private static final Properties PROPERTIES = load();

    private final String name;
    private final MatmulModel matmul;
    private final Map<Operation, ElementwiseModel> elementwise = new EnumMap<>(Operation.class);
    private final ElementwiseModel add;
    private final AttentionModel attention;
    private final AllReduceModel[] allReduce = new AllReduceModel[RANKS.length];

    private OperatorCoefficients(String name) {
        this.name = name;
        matmul = new MatmulModel(values("matmul"));
        elementwise.put(Operation.EMBED, ElementwiseModel.of(values("embed")));
        elementwise.put(Operation.NORM, ElementwiseModel.of(values("norm")));
        elementwise.put(Operation.ROPE_KV_WRITE, ElementwiseModel.of(values("rope")));
        elementwise.put(Operation.ACTIVATION, ElementwiseModel.of(values("activation")));
        add = ElementwiseModel.of(values("add"));
        attention = new AttentionModel(values("decode-attention"), values("chunk-attention"), values("merged-attention"));
        for (int i = 0; i < RANKS.length; i++) {
            allReduce[i] = AllReduceModel.of(values("all-reduce-" + RANKS[i]));
        }
    }

    private static Properties load() {
        Properties properties = new Properties();
        try (InputStream in = OperatorCoefficients.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("resource " + RESOURCE + " is missing");
            }
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read resource " + RESOURCE, e);
        }
        return properties;
    }

    /** Names of the devices something was fitted on. */
    public static List<String> names() {
        return Arrays.stream(PROPERTIES.getProperty("devices").split(",")).map(String::strip).toList();
    }

    /**
     * The coefficients of a device.
     *
     * @throws IllegalArgumentException if there are none; it names those there are
     */
    public static OperatorCoefficients named(String name) {
        if (!names().contains(name)) {
            throw new IllegalArgumentException(
                    "no operator coefficients \"" + name + "\"; known are " + String.join(", ", names()));
        }
        return new OperatorCoefficients(name);
    }

    /** The coefficients of one operation, of the device itself or of the one named in their place. */
    private double[] values(String operation) {
        String text = PROPERTIES.getProperty(name + "." + operation);
        if (text != null && names().contains(text.strip())) {
            text = PROPERTIES.getProperty(text.strip() + "." + operation);
        }
        if (text == null) {
            throw new IllegalStateException(RESOURCE + " has no " + name + "." + operation);
        }
        return Arrays.stream(text.split(",")).mapToDouble(Double::parseDouble).toArray();
    }

    static void requireCount(String operation, double[] coefficients, int count) {
        if (coefficients.length != count) {
            throw new IllegalArgumentException(operation + " has " + coefficients.length + " coefficients, not " + count);
        }
    }

    MatmulModel matmul() {
        return matmul;
    }

    /** Of one of the operations that move bytes. */
    ElementwiseModel elementwise(Operation operation) {
        ElementwiseModel model = elementwise.get(operation);
        if (model == null) {
            throw new IllegalArgumentException(operation + " is no element-wise operation");
        }
        return model;
    }

    /** Of the addition to the residual stream, where it is a kernel of its own; its overhead is 0 where the norm does it. */
    ElementwiseModel add() {
        return add;
    }

    AttentionModel attention() {
        return attention;
    }

    /** Of so many ranks, or the next number that was measured. */
    AllReduceModel allReduce(int ranks) {
        for (int i = 0; i < RANKS.length; i++) {
            if (ranks <= RANKS[i]) {
                return allReduce[i];
            }
        }
        throw new IllegalArgumentException(ranks + " ranks do not fit one server; give at most " + RANKS[RANKS.length - 1]);
    }

    @Override
    public String toString() {
        return name;
    }
}
