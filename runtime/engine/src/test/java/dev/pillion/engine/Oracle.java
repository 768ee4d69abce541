package dev.pillion.engine;

import dev.pillion.FinishReason;
import dev.pillion.sampling.Sampler;
import dev.pillion.sampling.SamplerScratch;
import dev.pillion.sampling.SamplingParams;
import dev.pillion.sampling.StopConditions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Says what a sample has to be, from its prompt alone: {@link FakeFunction}, the sampler and the stop conditions, with
 * no engine, no batch and no cache. Stop strings are searched in the whole text each time, the slow and plain way.
 *
 * @param tokens generated tokens
 * @param text their text
 * @param reason why it ends
 * @param fails whether a token's logits are NaN; tokens and text then are what there was before
 */
record Oracle(List<Integer> tokens, String text, FinishReason reason, boolean fails) {
    /**
     * Works out a sample.
     *
     * @param prompt its prompt
     * @param params with a seed, the sample's own
     * @param stop when it ends
     * @param maxTokens most tokens, by the request and by the context
     */
    static Oracle of(int[] prompt, SamplingParams params, StopConditions stop, int maxTokens) {
        Set<Integer> ends = Set.of(TinyModel.END_TOKEN);
        Sampler sampler = new Sampler(params, stop, ends, FakeFunction.VOCABULARY, prompt);
        SamplerScratch scratch = new SamplerScratch(FakeFunction.VOCABULARY);
        int[] ending = stop.endingTokens(ends);
        List<Integer> tokens = new ArrayList<>();
        StringBuilder before = new StringBuilder();
        StringBuilder searched = new StringBuilder();
        float[] logits = new float[FakeFunction.VOCABULARY];
        long prefix = prefixOf(prompt);
        int last = prompt[prompt.length - 1];
        while (true) {
            FakeFunction.logits(FakeFunction.lastHidden(prefix, prompt[0], last), logits, 0);
            if (Float.isNaN(logits[0])) {
                return new Oracle(tokens, before + searched.toString(), FinishReason.STOP, true);
            }
            int token = sampler.sample(logits, 0, scratch);
            sampler.accept(token);
            prefix = FakeFunction.append(prefix, token, prompt.length + tokens.size());
            last = token;
            tokens.add(token);
            boolean mayStop = tokens.size() >= stop.minTokens();
            if (mayStop && contains(ending, token)) {
                return new Oracle(tokens, before + searched.toString(), FinishReason.STOP, false);
            }
            (mayStop ? searched : before).append(TinyModel.piece(token));
            int cut = cutAt(searched, stop);
            if (mayStop && cut >= 0) {
                return new Oracle(tokens, before + searched.substring(0, cut), FinishReason.STOP, false);
            }
            if (tokens.size() >= maxTokens) {
                return new Oracle(tokens, before + searched.toString(), FinishReason.LENGTH, false);
            }
        }
    }

    /** Logits after the last of some tokens. */
    static float[] logitsAfter(int[] tokens) {
        float[] logits = new float[FakeFunction.VOCABULARY];
        FakeFunction.logits(
                FakeFunction.lastHidden(prefixOf(tokens), tokens[0], tokens[tokens.length - 1]), logits, 0);
        return logits;
    }

    private static long prefixOf(int[] tokens) {
        long prefix = FakeFunction.EMPTY;
        for (int p = 0; p < tokens.length; p++) {
            prefix = FakeFunction.append(prefix, tokens[p], p);
        }
        return prefix;
    }

    /** Where the answer ends because of the stop string that ends first, of several the longest; -1 for none. */
    private static int cutAt(StringBuilder text, StopConditions stop) {
        int firstEnd = Integer.MAX_VALUE;
        int start = -1;
        for (String string : stop.stopStrings()) {
            int at = text.indexOf(string);
            int end = at + string.length();
            if (at >= 0 && (end < firstEnd || end == firstEnd && at < start)) {
                firstEnd = end;
                start = at;
            }
        }
        return start < 0 || !stop.includeStopString() ? start : firstEnd;
    }

    private static boolean contains(int[] ids, int wanted) {
        for (int id : ids) {
            if (id == wanted) {
                return true;
            }
        }
        return false;
    }
}
