package dev.pillion.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanCommandTest {
    private static final String SMALL = "plan --model-shape llama-3.1-8b --slo ttft=1s,tbt=80ms --qps 15 --arrival uniform --requests 250 "
            + "--devices a100,l4 --quant bf16 --tp 1,2 --pp 1 --chunk-tokens 512 --max-gpus 12";

    @TempDir
    Path folder;

    private TestCommand.Run pillion(String arguments) {
        return new TestCommand(folder).run(arguments.split(" "));
    }

    @Test
    void plansKeepTheTargetsAndTheCheapestIsFirst() {
        TestCommand.Run run = pillion(SMALL + " --json");
        assertThat(run.code()).as(run.err()).isZero();
        Map<String, Object> report = TestFiles.jsonObject(run.out());
        List<?> plans = (List<?>) report.get("plans");
        assertThat(plans).isNotEmpty();
        double before = 0;
        for (Object plan : plans) {
            Map<?, ?> one = (Map<?, ?>) plan;
            double dollars = ((Number) one.get("dollars_per_hour")).doubleValue();
            assertThat(dollars).isGreaterThanOrEqualTo(before);
            before = dollars;
            long gpus = (Long) one.get("instances") * (Long) one.get("tp") * (Long) one.get("pp");
            assertThat(one.get("gpus")).isEqualTo(gpus);
            assertThat(gpus).isLessThanOrEqualTo(12);
            for (Object target : (List<?>) one.get("slo")) {
                Map<?, ?> kept = (Map<?, ?>) target;
                assertThat(((Number) kept.get("measured_seconds")).doubleValue())
                        .isLessThanOrEqualTo(((Number) kept.get("seconds")).doubleValue());
            }
        }
        // Every kind of instance is either a plan or has its reason.
        assertThat(plans.size() + ((List<?>) report.get("others")).size()).isEqualTo(4);
    }

    @Test
    void theFirstPlanHoldsInASimulation() {
        String out = pillion(SMALL + " --json").out();
        assertThat(pillion(SMALL + " --json").out()).isEqualTo(out);
        Map<String, Object> report = TestFiles.jsonObject(out);
        Map<?, ?> plan = (Map<?, ?>) ((List<?>) report.get("plans")).getFirst();
        TestCommand.Run run = pillion("simulate --model-shape llama-3.1-8b --qps 15 --arrival uniform --requests 250 --json"
                + " --device " + plan.get("device") + " --quant " + plan.get("quant") + " --instances " + plan.get("instances")
                + " --tp " + plan.get("tp") + " --pp " + plan.get("pp") + " --planner " + plan.get("planner")
                + " --chunk-tokens " + plan.get("chunk_tokens") + " --max-sequences " + plan.get("max_sequences")
                + " --slo ttft=1s,tbt=80ms");
        Map<?, ?> simulated = (Map<?, ?>) ((List<?>) TestFiles.jsonObject(run.out()).get("runs")).getFirst();
        assertThat((List<?>) simulated.get("slo")).allSatisfy(target -> assertThat(((Map<?, ?>) target).get("met")).isEqualTo(true));
        double dollars = ((Number) ((Map<?, ?>) simulated.get("cost")).get("dollars_per_million_output_tokens")).doubleValue();
        assertThat(dollars).isCloseTo(((Number) plan.get("dollars_per_million_output_tokens")).doubleValue(), within(1e-6));
    }

    @Test
    void theTableExplains() {
        TestCommand.Run run = pillion(SMALL + " --top 1");
        assertThat(run.out()).contains("1. ", "$/h", "bound by", "the others").doesNotContain("\n2. ");
    }

    @Test
    void whatCannotBeIsSaid() {
        TestCommand.Run run = pillion("plan --model-shape llama-3.1-70b --slo tbt=5ms --qps 1 --requests 50 --devices a100 --quant bf16 "
                + "--tp 1,8 --pp 1");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).contains("no plan keeps the targets", "a100 bf16: memory", "a100 tp 8 bf16: TBT", "roofline");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--slo ttft=1s --qps 1 | --model-shape",
        "--model-shape llama-3.1-8b --qps 1 | --slo",
        "--model-shape llama-3.1-8b --slo ttft=1s | --qps",
        "--model-shape llama-3.1-8b --slo ttft=1s --qps 1 --devices x | a100",
        "--model-shape llama-3.1-8b --slo ttft=1s --qps 1 --quant x | fp8",
        "--model-shape llama-3.1-8b --slo ttft=1s --qps 1 --max-gpus 0 | at least 1",
        "--model-shape llama-3.1-8b --slo ttft=1s --qps 1 --planner sarathi-adaptive | tbt",
        "--model-shape llama-3.1-8b --slo ttft=1s --arrival offline | --qps",
    })
    void nonsenseIsRefused(String arguments, String remedy) {
        TestCommand.Run run = pillion("plan " + arguments);
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains(remedy).doesNotContain("internal error");
    }
}
