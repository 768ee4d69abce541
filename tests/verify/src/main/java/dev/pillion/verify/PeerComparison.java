package dev.pillion.verify;

import dev.pillion.benchmarks.gpu.ResultRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Puts the fastest peer's figure beside ours: a peer's row has the name, shape and unit of the row it is compared with. */
final class PeerComparison {
    private static final String OURS = "end-to-end";

    private PeerComparison() {}

    /** The rows with figures of peers in them; a peer's row says whether ours is faster. */
    static List<ResultRow> of(List<ResultRow> rows) {
        List<ResultRow> compared = new ArrayList<>();
        for (ResultRow row : rows) {
            boolean peer = row.stage().equals(PeersStage.NAME);
            Optional<ResultRow> other = row.value().isEmpty() ? Optional.empty()
                    : other(rows, row, peer ? OURS : PeersStage.NAME);
            compared.add(other.map(found -> peer ? judged(row, found) : beside(row, found)).orElse(row));
        }
        return compared;
    }

    private static Optional<ResultRow> other(List<ResultRow> rows, ResultRow row, String stage) {
        return rows.stream()
                .filter(other -> other.stage().equals(stage)
                        && other.name().equals(row.name())
                        && other.shape().equals(row.shape())
                        && other.unit().equals(row.unit())
                        && other.value().isPresent())
                .max(Comparator.comparingDouble(other -> other.value().getAsDouble()));
    }

    private static ResultRow beside(ResultRow ours, ResultRow peers) {
        if (!ours.stage().equals(OURS)) {
            return ours;
        }
        return ours.withPeer(peers.peer() + String.format(Locale.ROOT, ": %.4g", peers.value().getAsDouble()));
    }

    private static ResultRow judged(ResultRow peers, ResultRow ours) {
        double ratio = ours.value().getAsDouble() / peers.value().getAsDouble();
        return peers.target(
                String.format(Locale.ROOT, "Pillion faster: %.4g, %.2f times", ours.value().getAsDouble(), ratio),
                Optional.of(ratio > 1));
    }
}
