package dev.pillion.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NegativeExpTest {
    @Test
    void agreesWithStrictMathToTwoUnitsInTheLastPlace() {
        SplittableRandom random = TestSeed.random(0);
        for (int n = 0; n < 300_000; n++) {
            double x = -708 * Math.pow(random.nextDouble(), 1 + n % 6);
            double exact = StrictMath.exp(x);
            assertThat(Math.abs(NegativeExp.exp(x) - exact))
                    .as("x %s, %s", x, TestSeed.describe(0))
                    .isLessThanOrEqualTo(2 * Math.ulp(exact));
        }
    }

    @Test
    void endsAreExact() {
        assertThat(NegativeExp.exp(0)).isEqualTo(1);
        assertThat(NegativeExp.exp(-0.0)).isEqualTo(1);
        assertThat(NegativeExp.exp(-708.01)).isZero();
        assertThat(NegativeExp.exp(-Double.MAX_VALUE)).isZero();
        assertThat(NegativeExp.exp(Double.NEGATIVE_INFINITY)).isZero();
        assertThat(NegativeExp.exp(-Double.MIN_VALUE)).isEqualTo(1);
    }
}
