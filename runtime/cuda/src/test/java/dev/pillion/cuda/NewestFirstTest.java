package dev.pillion.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NewestFirstTest {
    @Test
    void numbersCountAsNumbers() {
        List<String> expected = List.of(
                "cuda-13.10", "cuda-13.1", "cuda-13.0", "cuda-12.8", "cuda-12", "cuda-9.2", "cuda-09.1", "cuda");
        List<String> names = new ArrayList<>(expected);
        Collections.shuffle(names, new Random(20261121));
        names.sort(NewestFirst.ORDER);
        assertThat(names).isEqualTo(expected);
    }

    @Test
    void numbersLongerThanALongAreOrdered() {
        assertThat(NewestFirst.ORDER.compare("python3.99999999999999999999", "python3.9")).isNegative();
    }
}
