package dev.pillion.kernels.virtual;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * A random program of nested branches and loops over three variables, as PTX whose blocks lie in random order and as a
 * Java computation for one thread. Between the statements of the top level, where no thread has returned, all lanes of
 * the warp must have met: the PTX says so with a vote.
 */
final class RandomFlow {
    private static final int VARIABLES = 3;
    private static final int MAX_DEPTH = 4;

    private final Random random;
    private final boolean returns;
    private final List<Statement> statements = new ArrayList<>();
    private final List<String> blocks = new ArrayList<>();
    private StringBuilder text = new StringBuilder();
    private int labels;

    RandomFlow(long seed, boolean returns) {
        random = new Random(seed);
        this.returns = returns;
        for (int i = 0; i < 5; i++) {
            statements.add(statement(0, false));
        }
    }

    private interface Statement {
        /** Executes; the result says how it ended. */
        Ending run(int[] x);

        /** Appends PTX that goes on after it, or to the labels of the enclosing loop. */
        void emit(String breakLabel, String continueLabel);
    }

    private enum Ending {
        NORMAL,
        BREAK,
        CONTINUE,
        RETURN
    }

    private Statement statement(int depth, boolean inLoop) {
        int kind = random.nextInt(depth >= MAX_DEPTH ? 2 : 6);
        if (kind <= 1) {
            return assignment();
        }
        if (kind <= 3) {
            return branch(depth, inLoop);
        }
        return loop(depth);
    }

    private Statement assignment() {
        int d = random.nextInt(VARIABLES);
        int a = random.nextInt(VARIABLES);
        int factor = random.nextInt(5) + 1;
        int term = random.nextInt(50) - 20;
        return new Statement() {
            @Override
            public Ending run(int[] x) {
                x[d] = x[a] * factor + term;
                return Ending.NORMAL;
            }

            @Override
            public void emit(String breakLabel, String continueLabel) {
                text.append("mad.lo.s32 %x").append(d).append(", %x").append(a).append(", ").append(factor).append(", ")
                        .append(term).append(";\n");
            }
        };
    }

    private List<Statement> body(int depth, boolean inLoop) {
        List<Statement> body = new ArrayList<>();
        for (int i = random.nextInt(3) + 1; i > 0; i--) {
            body.add(statement(depth + 1, inLoop));
        }
        return body;
    }

    private static Ending runAll(List<Statement> body, int[] x) {
        for (Statement statement : body) {
            Ending ending = statement.run(x);
            if (ending != Ending.NORMAL) {
                return ending;
            }
        }
        return Ending.NORMAL;
    }

    /** Threads where some bits of a variable are small take the first way; it may leave the loop or the program. */
    private Statement branch(int depth, boolean inLoop) {
        int a = random.nextInt(VARIABLES);
        int bits = (1 << random.nextInt(4) + 1) - 1;
        int below = random.nextInt(bits) + 1;
        List<Statement> yes = body(depth, inLoop);
        List<Statement> no = random.nextBoolean() ? body(depth, inLoop) : List.of();
        int leave = random.nextInt(4);
        Ending ending = leave == 0 && inLoop ? Ending.BREAK : leave == 1 && inLoop ? Ending.CONTINUE
                : leave == 2 && returns ? Ending.RETURN : Ending.NORMAL;
        return new Statement() {
            @Override
            public Ending run(int[] x) {
                if ((x[a] & bits) >= below) {
                    return runAll(no, x);
                }
                Ending inner = runAll(yes, x);
                return inner == Ending.NORMAL ? ending : inner;
            }

            @Override
            public void emit(String breakLabel, String continueLabel) {
                String other = label();
                String end = label();
                text.append("and.b32 %t, %x").append(a).append(", ").append(bits).append("; setp.ge.s32 %p, %t, ")
                        .append(below).append("; @%p bra ").append(other).append(";\n");
                begin(label());
                yes.forEach(s -> s.emit(breakLabel, continueLabel));
                text.append(switch (ending) {
                    case BREAK -> "bra " + breakLabel + ";\n";
                    case CONTINUE -> "bra " + continueLabel + ";\n";
                    case RETURN -> "bra finish;\n";
                    case NORMAL -> "bra " + end + ";\n";
                });
                begin(other);
                no.forEach(s -> s.emit(breakLabel, continueLabel));
                text.append("bra ").append(end).append(";\n");
                begin(end);
            }
        };
    }

    private Statement loop(int depth) {
        int a = random.nextInt(VARIABLES);
        int counter = depth;
        boolean testsAtEnd = random.nextBoolean();
        List<Statement> body = body(depth, true);
        return new Statement() {
            @Override
            public Ending run(int[] x) {
                int left = (x[a] & 3) + (testsAtEnd ? 1 : 0);
                for (; left > 0; left--) {
                    Ending ending = runAll(body, x);
                    if (ending == Ending.BREAK) {
                        break;
                    }
                    if (ending == Ending.RETURN) {
                        return ending;
                    }
                }
                return Ending.NORMAL;
            }

            @Override
            public void emit(String breakLabel, String continueLabel) {
                String head = label();
                String inside = label();
                String next = label();
                String end = label();
                text.append("and.b32 %n").append(counter).append(", %x").append(a).append(", 3;\n");
                if (testsAtEnd) {
                    text.append("add.s32 %n").append(counter).append(", %n").append(counter).append(", 1; bra ").append(inside)
                            .append(";\n");
                } else {
                    text.append("bra ").append(head).append(";\n");
                }
                begin(head);
                text.append("setp.le.s32 %p, %n").append(counter).append(", 0; @%p bra ").append(end).append(";\n");
                begin(inside);
                body.forEach(s -> s.emit(end, next));
                begin(next);
                text.append("sub.s32 %n").append(counter).append(", %n").append(counter).append(", 1; bra ").append(head).append(";\n");
                begin(end);
            }
        };
    }

    private String label() {
        return "L" + labels++;
    }

    /** Ends the block, leading to the next one where it did not lead elsewhere, and starts that. */
    private void begin(String label) {
        text.append("bra ").append(label).append(";\n");
        blocks.add(text.toString());
        text = new StringBuilder(label + ":\n");
    }

    /** What a thread computes. */
    int run(int thread) {
        int[] x = {thread, thread * 7 + 3, thread ^ 21};
        for (Statement statement : statements) {
            if (statement.run(x) == Ending.RETURN) {
                break;
            }
        }
        return x[0] ^ x[1] * 31 ^ x[2] * 17;
    }

    /** The program; it stores each thread's result at the address given. */
    String ptx() {
        text.append("mov.u32 %x0, %tid.x; mad.lo.s32 %x1, %x0, 7, 3; xor.b32 %x2, %x0, 21;\n");
        for (Statement statement : statements) {
            statement.emit("finish", "finish");
            if (!returns) {
                text.append("mov.pred %q, 1; vote.sync.all.pred %q, %q, -1;\n");
            }
        }
        begin("finish");
        text.append("""
                mul.lo.s32 %x1, %x1, 31; mul.lo.s32 %x2, %x2, 17; xor.b32 %x0, %x0, %x1; xor.b32 %x0, %x0, %x2;
                ld.param.u64 %a, [k0]; mov.u32 %t, %tid.x; mul.wide.u32 %o, %t, 4; add.s64 %a, %a, %o; st.global.u32 [%a], %x0;
                ret;
                """);
        blocks.add(text.toString());
        String first = blocks.removeFirst();
        Collections.shuffle(blocks, random);
        return TestGpu.kernel(".param .u64 k0", ".reg .pred %p, %q; .reg .b32 %x<3>, %n<8>, %t; .reg .b64 %a, %o;\n"
                + first
                + String.join("", blocks));
    }
}
