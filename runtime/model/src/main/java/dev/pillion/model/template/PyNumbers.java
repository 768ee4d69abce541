package dev.pillion.model.template;

import dev.pillion.model.template.Expression.Operator;
import java.math.BigDecimal;
import java.util.Optional;

/** Arithmetic and order of numbers. Booleans are 0 and 1; an integer that leaves 64 bits is a failure. */
final class PyNumbers {
    private PyNumbers() {}

    /** A Long or Double, if the value is a number. */
    static Optional<Number> number(Object value) {
        return switch (value) {
            case Long n -> Optional.of(n);
            case Double d -> Optional.of(d);
            case Boolean b -> Optional.of(b ? 1L : 0L);
            default -> Optional.empty();
        };
    }

    static Optional<Long> integer(Object value) {
        return number(value).filter(Long.class::isInstance).map(Long.class::cast);
    }

    static Object apply(Operator operator, Number left, Number right) {
        try {
            return left instanceof Long a && right instanceof Long b
                    ? integers(operator, a, b)
                    : floats(operator, left.doubleValue(), right.doubleValue());
        } catch (ArithmeticException e) {
            throw new Failure("integer result of '" + operator.symbol + "' does not fit 64 bits");
        }
    }

    private static Object integers(Operator operator, long a, long b) {
        return switch (operator) {
            case ADD -> Math.addExact(a, b);
            case SUBTRACT -> Math.subtractExact(a, b);
            case MULTIPLY -> Math.multiplyExact(a, b);
            case DIVIDE -> (double) a / nonZero(b);
            case FLOOR_DIVIDE -> Math.floorDivExact(a, nonZero(b));
            case MODULO -> Math.floorMod(a, nonZero(b));
            case POWER -> power(a, b);
        };
    }

    private static Object floats(Operator operator, double a, double b) {
        return switch (operator) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            case DIVIDE -> a / nonZero(b);
            case FLOOR_DIVIDE -> floorDivide(a, nonZero(b));
            case MODULO -> modulo(a, nonZero(b));
            case POWER -> power(a, b);
        };
    }

    private static long nonZero(long divisor) {
        if (divisor == 0) {
            throw new Failure("division by zero");
        }
        return divisor;
    }

    private static double nonZero(double divisor) {
        if (divisor == 0) {
            throw new Failure("division by zero");
        }
        return divisor;
    }

    /** The remainder with the sign of the divisor. */
    private static double modulo(double a, double b) {
        double remainder = a % b;
        if (remainder == 0) {
            return Math.copySign(0.0, b);
        }
        return (remainder < 0) == (b < 0) ? remainder : remainder + b;
    }

    private static double floorDivide(double a, double b) {
        double quotient = (a - modulo(a, b)) / b;
        return quotient == 0 ? Math.copySign(0.0, a / b) : Math.rint(quotient);
    }

    private static Object power(long base, long exponent) {
        if (exponent < 0) {
            return power((double) nonZero(base), (double) exponent);
        }
        long result = 1;
        long square = base;
        for (long rest = exponent; rest > 0; rest >>= 1) {
            if ((rest & 1) == 1) {
                result = Math.multiplyExact(result, square);
            }
            if (rest > 1) {
                square = Math.multiplyExact(square, square);
            }
        }
        return result;
    }

    private static double power(double base, double exponent) {
        double result = Math.pow(base, exponent);
        if (base == 0 && exponent < 0) {
            throw new Failure("0.0 cannot be raised to a negative power");
        }
        if (Double.isNaN(result) && !Double.isNaN(base) && !Double.isNaN(exponent)) {
            throw new Failure("the power is a complex number");
        }
        return result;
    }

    static Object negate(Number value) {
        return value instanceof Long n ? apply(Operator.SUBTRACT, 0L, n) : (Object) (-value.doubleValue());
    }

    /** Exact, unlike a comparison after conversion to double; not-a-number sorts above everything. */
    static int compare(Number left, Number right) {
        if (left instanceof Long a && right instanceof Long b) {
            return Long.compare(a, b);
        }
        double a = left.doubleValue();
        double b = right.doubleValue();
        if (!Double.isFinite(a) || !Double.isFinite(b)) {
            return Double.compare(a, b);
        }
        return exact(left).compareTo(exact(right));
    }

    static boolean equal(Number left, Number right) {
        return !Double.isNaN(left.doubleValue()) && compare(left, right) == 0;
    }

    private static BigDecimal exact(Number value) {
        return value instanceof Long n ? BigDecimal.valueOf(n) : new BigDecimal(value.doubleValue());
    }

    /** {@code int(text)}, if the text is a decimal integer of 64 bits. */
    static Optional<Long> parseInteger(String text) {
        String digits = PyText.strip(text).replace("_", "");
        try {
            return digits.length() > 20 ? Optional.empty() : Optional.of(Long.valueOf(digits));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** {@code float(text)}; Java's own parser also takes hexadecimal and type letters, which Python does not. */
    static Optional<Double> parseFloat(String text) {
        String digits = PyText.strip(text);
        String word = PyText.lower(digits.startsWith("-") || digits.startsWith("+") ? digits.substring(1) : digits);
        double sign = digits.startsWith("-") ? -1 : 1;
        if (word.equals("inf") || word.equals("infinity")) {
            return Optional.of(sign * Double.POSITIVE_INFINITY);
        }
        if (word.equals("nan")) {
            return Optional.of(Double.NaN);
        }
        if (word.isEmpty() || word.length() > 1000 || !word.chars().allMatch(c -> "0123456789.e+-".indexOf(c) >= 0)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Double.valueOf(digits));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
