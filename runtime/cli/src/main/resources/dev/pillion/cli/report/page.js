/* The page: what the report holds, section by section. A section without data is left out. */

const report = JSON.parse(document.getElementById("report").textContent);
const main = document.getElementById("page");
const runs = report.runs.map((run, i) => ({...run, color: `var(--run${i % 8})`, shown: true}));
const several = runs.length > 1;
const METRICS = {ttft: "Time to first token", tbt: "Time between tokens", scheduling_delay: "Scheduling delay", e2e: "End to end"};
const choices = {tail: false, instance: "all"};

const shownRuns = () => runs.filter((run) => run.shown);
const rank = (share) => "P" + trim((100 * share).toFixed(2));
const limitName = (term) => `SLO ${rank(term.percentile)} ≤ ${seconds(term.seconds)}`;
/* What any of the runs had to keep, each limit once. */
const limits = [...new Map(runs.flatMap((run) => run.slo).map((term) =>
    [[term.metric, term.percentile, term.seconds].join(), term])).values()];
const runKeys = () => several ? shownRuns().map((run) => ({name: run.name, color: run.color})) : [];

function at(run, way) {
  return way.split(".").reduce((value, key) => value === null || value === undefined ? undefined : value[key], run);
}

/* A limit is missed too where requests were refused or not finished. */
function outcome(term) {
  const limit = seconds(term.seconds);
  if (term.met) return `within ${limit}`;
  return term.measured_seconds > term.seconds ? `over ${limit}` : `${limit} missed: not all finished`;
}

/* Tiles: the numbers to see first, of one run. */
function tiles(run) {
  const service = run.service;
  const made = [];
  const add = (name, text, remark, kind) => made.push(element("div", {class: "tile"},
      element("span", {}, name), element("b", {}, text), element("i", {class: kind || ""}, remark || "")));
  for (const term of run.slo) {
    add(`${METRICS[term.metric]}, ${rank(term.percentile)}`, seconds(term.measured_seconds),
        outcome(term), term.met ? "good" : "bad");
  }
  if (run.slo.length === 0) {
    add("Time to first token, P99", seconds(at(run, "latency_seconds.ttft.p99")));
    add("Time between tokens, P99", seconds(at(run, "latency_seconds.tbt.p99")));
  }
  if (run.slo.length > 0) {
    add("Requests within the SLO", percent(service.attainment), `goodput ${number(service.goodput_per_second)} a second`);
  }
  if (run.capacity) {
    add("Capacity under the SLO", number(run.capacity.requests_per_second) + " /s", "requests, by bisection");
  }
  add("Output", number(at(run, "throughput.output_tokens_per_second")) + " tok/s",
      `${number(at(run, "throughput.requests_per_second"))} requests a second`);
  if (at(run, "cost.dollars_per_million_output_tokens") > 0) {
    add("Cost of a million output tokens", "$" + number(run.cost.dollars_per_million_output_tokens),
        `${number(run.cost.kwh_per_million_output_tokens)} kWh`);
  }
  add("KV cache in use", percent(at(run, "kv.mean_occupancy")), `at most ${percent(at(run, "kv.peak_occupancy"))}`);
  return element("div", {class: "tiles"}, ...made);
}

/* Cumulative distributions of latencies. */
function latencyChart(metric) {
  const named = limits.filter((term) => term.metric === metric);
  const drawn = shownRuns().filter((run) => (at(run, `latency_seconds.${metric}.cdf`) || []).length > 0);
  const cdfs = drawn.map((run) => run.latency_seconds[metric].cdf);
  const positive = cdfs.flat().map((point) => point[0]).filter((s) => s > 0);
  const bounds = named.map((term) => term.seconds);
  const most = Math.max(...cdfs.map((cdf) => cdf[cdf.length - 1][0]), ...bounds, 1e-6);
  const least = Math.max(Math.min(...positive, ...bounds, most / 10), most / 1e5);
  return card(METRICS[metric], runKeys(), (holder) => draw(holder, {
    title: `Distribution of ${METRICS[metric].toLowerCase()}`,
    height: 250,
    x: {kind: "log", min: least * 0.8, max: most * 1.25, label: "at most", format: seconds},
    y: choices.tail
      ? {kind: "nines", min: 0, max: 0.9999, format: (v) => v === 0 ? "0" : rank(v), tip: percent}
      : {min: 0, max: 1, format: (v) => Math.round(100 * v) + " %", tip: percent},
    series: drawn.map((run, i) => ({
      name: several ? run.name : "requests", color: run.color, stepped: true,
      points: [[least * 0.8, 0], ...cdfs[i], [most * 1.25, 1]],
    })),
    rules: named.map((term) => ({axis: "x", at: term.seconds, label: limitName(term)})),
  }));
}

function latencySection() {
  const metrics = Object.keys(METRICS).filter((metric) => runs.some((run) => at(run, `latency_seconds.${metric}.count`) > 0));
  if (metrics.length === 0) return [];
  return [
    heading("Latencies", "Share of all requests (of all gaps, for the time between tokens) that took at most so long."),
    choice([["Shares", false], ["Tail", true]], "tail"),
    element("div", {class: "grid pairs"}, ...metrics.map(latencyChart)),
  ];
}

/* Capacity: how each bounded latency grows with the rate of requests. */
function capacitySection() {
  const drawn = shownRuns().filter((run) => (at(run, "capacity.points") || []).length > 0);
  if (!runs.some((run) => (at(run, "capacity.points") || []).length > 0)) return [];
  const cards = limits.map((term) => {
    const place = (run) => run.slo.findIndex((t) => t.metric === term.metric && t.percentile === term.percentile);
    const lines = drawn.filter((run) => place(run) >= 0).map((run) => ({run, points: run.capacity.points
        .map((p) => ({x: p.requests_per_second, y: p.target_seconds[place(run)], full: p.met}))
        .filter((p) => p.y > 0).sort((a, b) => a.x - b.x)}));
    const all = lines.flatMap((line) => line.points);
    const most = Math.max(...all.map((p) => p.y), term.seconds) * 1.4;
    const least = Math.min(...all.map((p) => p.y), term.seconds) / 1.4;
    return card(`${METRICS[term.metric]}, ${rank(term.percentile)}`, runKeys(), (holder) => draw(holder, {
      title: `${METRICS[term.metric]} by rate of requests`,
      height: 250,
      x: {min: 0, max: Math.max(...all.map((p) => p.x), 1e-9) * 1.05, label: "requests a second", format: number},
      y: {kind: "log", min: least, max: most, format: seconds, tip: seconds},
      series: lines.map((line) => ({name: line.run.name, color: line.run.color, dots: line.points,
        points: line.points.map((p) => [p.x, p.y])})),
      rules: [{axis: "y", at: term.seconds, label: limitName(term)}],
    }));
  });
  return [heading("Capacity", "What bisection over the rate of requests saw. A full dot: the whole SLO was met at that rate."),
    element("div", {class: "grid"}, ...cards)];
}

/* Timelines. Several instances are laid onto one grid of moments and added up, or one of them is shown. */
const BINS = 240;

function resampled(instance, key, end) {
  const values = instance.timeline[key];
  const sums = new Array(BINS).fill(0), counts = new Array(BINS).fill(0);
  values.forEach((value, i) => {
    const bin = Math.min(BINS - 1, Math.floor(BINS * i * instance.timeline.bucket_seconds / end));
    sums[bin] += value;
    counts[bin]++;
  });
  let last = 0;
  return sums.map((sum, bin) => last = counts[bin] > 0 ? sum / counts[bin] : last);
}

const endOf = (run) => Math.max(...run.instances.map((instance) =>
    instance.timeline.bucket_seconds * instance.timeline.occupancy.length), 1e-9);
const nameOf = (instance) => instance.role === "mixed" ? String(instance.number) : `${instance.number} ${instance.role}`;

function timeline(run) {
  const all = run.instances;
  const one = choices.instance === "all" ? undefined : all[Number(choices.instance)];
  if (one || all.length === 1) {
    const only = one || all[0];
    const of = (key) => only.timeline[key].map((value, i) => [i * only.timeline.bucket_seconds, value]);
    return {decode: of("decode_tokens"), prefill: of("prefill_tokens"), running: of("running"), waiting: of("waiting"),
      occupancy: of("occupancy"), instances: 1};
  }
  const end = endOf(run);
  const grids = (key) => all.map((instance) => resampled(instance, key, end));
  const fold = (rows, how) => rows[0].map((_, bin) => [end * bin / BINS, how(rows.map((row) => row[bin]))]);
  const sum = (row) => row.reduce((a, b) => a + b, 0);
  const mean = (row) => sum(row) / row.length;
  const kv = grids("occupancy");
  return {
    decode: fold(grids("decode_tokens"), mean), prefill: fold(grids("prefill_tokens"), mean),
    running: fold(grids("running"), sum), waiting: fold(grids("waiting"), sum), occupancy: fold(kv, mean),
    lowest: fold(kv, (row) => Math.min(...row)), highest: fold(kv, (row) => Math.max(...row)), instances: all.length,
  };
}

const highest = (...lists) => lists.reduce((most, list) => list.reduce((m, p) => Math.max(m, p[1]), most), 0);
const lastTime = (line) => line.decode.length > 0 ? line.decode[line.decode.length - 1][0] : 0;
const PARTS = {
  decode: {name: "decodes", color: "var(--decode)"}, prefill: {name: "prompt tokens", color: "var(--prefill)"},
  running: {name: "running", color: "var(--running)"}, waiting: {name: "waiting", color: "var(--waiting)"},
  kv: {name: "in use", color: "var(--kv)"},
};

function timelineCards(run, line, most) {
  const title = (text) => several ? `${run.name}: ${text}` : text;
  const x = {min: 0, max: most.end, label: "time", format: seconds};
  const stacked = line.decode.map(([t, v], i) => [t, v + line.prefill[i][1]]);
  const floor = line.decode.map(([t]) => [t, 0]);
  const perStep = line.instances > 1 ? "tokens a step, mean of instances" : "tokens a step";
  const count = (max) => ({min: 0, max: Math.max(1, max * 1.05), format: number, tip: number});
  const bands = line.highest ? {top: line.highest, bottom: line.lowest} : undefined;
  return [
    card(title(perStep), [PARTS.decode, PARTS.prefill], (holder) => draw(holder, {
      title: perStep, height: 210, x, y: count(most.tokens),
      series: [{...PARTS.decode, points: line.decode, base: floor},
        {...PARTS.prefill, points: stacked, base: line.decode, value: (point) => point[1] - (line.decode[stacked.indexOf(point)] || [0, 0])[1]}],
    })),
    card(title("requests"), [PARTS.running, PARTS.waiting], (holder) => draw(holder, {
      title: "requests running and waiting", height: 190, x, y: count(most.requests),
      series: [{...PARTS.running, points: line.running}, {...PARTS.waiting, points: line.waiting}],
    })),
    card(title("KV cache in use"), bands ? [{...PARTS.kv, name: "mean of instances, and from the least to the most"}] : [],
      (holder) => draw(holder, {
        title: "share of KV blocks in use", height: 190, x,
        y: {min: 0, max: most.kv, format: percent, tip: percent},
        series: [{...PARTS.kv, points: line.occupancy, band: bands}],
      })),
  ];
}

function timelineSection() {
  const drawn = shownRuns().filter((run) => run.instances.length > 0);
  if (drawn.length === 0) return [];
  const lines = drawn.map(timeline);
  const most = {
    end: Math.max(...lines.map(lastTime), 1e-9),
    tokens: Math.max(...lines.map((l) => highest(l.decode.map(([t, v], i) => [t, v + l.prefill[i][1]])))),
    requests: Math.max(...lines.map((l) => highest(l.running, l.waiting))),
    kv: Math.min(1, 1.15 * Math.max(0.02, ...lines.map((l) => highest(l.occupancy, l.highest || [])))),
  };
  const cards = drawn.map((run, i) => timelineCards(run, lines[i], most));
  const columns = several
    ? [0, 1, 2].map((row) => element("div", {class: "grid", style: "margin-bottom:14px"}, ...cards.map((c) => c[row])))
    : [element("div", {class: "grid"}, ...cards.flat())];
  return [heading("Over time", "What a step held, how many requests ran and waited, and how full the KV cache was."),
    instanceChoice(drawn), ...columns];
}

function instanceChoice(drawn) {
  const most = drawn.reduce((found, run) => run.instances.length > found.length ? run.instances : found, []);
  if (most.length < 2) return "";
  const select = element("select", {"aria-label": "Instance"}, element("option", {value: "all"}, "all instances"),
      ...most.map((instance, i) => element("option", {value: String(i)}, nameOf(instance))));
  select.value = choices.instance;
  select.addEventListener("change", () => { choices.instance = select.value; render(); });
  return element("div", {class: "controls"}, element("label", {}, "Instance ", select));
}

function balanceSection() {
  const drawn = shownRuns().filter((run) => run.instances.length > 1);
  if (drawn.length === 0) return [];
  const end = Math.max(...drawn.map(endOf));
  const all = drawn.map((run) => run.instances.map((instance) =>
      ({name: nameOf(instance), values: resampled(instance, "occupancy", end)})));
  const fullest = Math.max(0.01, ...all.flat().map((row) => Math.max(...row.values)));
  const cards = drawn.map((run, i) => {
    const rows = all[i];
    return card(several ? run.name : "KV cache in use, by instance", [], (holder) => drawHeat(holder, {
      title: "KV cache in use by instance", rows, most: fullest, x: {min: 0, max: end, label: "time", format: seconds}}));
  });
  return [heading("Instances", `How full each instance's KV cache was; darkest is ${percent(fullest)}. Rows that differ are instances loaded differently.`),
    element("div", {class: "grid"}, ...cards)];
}

/* The table of numbers, one column a run. A fourth entry says which way is better: less (-1) or more (1). Rows of what did not
   happen in any run are left out of the part about several instances. */
const dollars = (value) => value === null || value === undefined ? "–" : "$" + number(value);
const ROWS = [
  ["Requests"],
  ["sent", "requests.sent", number], ["finished", "requests.finished", number, 1],
  ["refused", "requests.refused", number, -1], ["not finished", "requests.unfinished", number, -1],
  ["simulated time", "seconds", seconds],
  ["Service level"],
  ["requests within the SLO", "service.attainment", percent, 1], ["goodput, requests a second", "service.goodput_per_second", number, 1],
  ["tokens on time", "service.on_time_share", percent, 1],
  ["capacity, requests a second", "capacity.requests_per_second", number, 1],
  ...Object.entries(METRICS).flatMap(([metric, name]) => [[name],
    ...["p50", "p90", "p99", "max", "mean"].map((p) => [p.length === 3 && p[0] === "p" ? p.toUpperCase() : p,
      `latency_seconds.${metric}.${p}`, seconds, -1])]),
  ["Throughput"],
  ["requests a second", "throughput.requests_per_second", number, 1],
  ["prompt tokens a second", "throughput.prompt_tokens_per_second", number, 1],
  ["output tokens a second", "throughput.output_tokens_per_second", number, 1],
  ["share of optimal throughput", "throughput.share_of_optimal", percent, 1],
  ["Scheduling"],
  ["steps", "scheduling.steps", number], ["preemptions", "scheduling.preemptions", number, -1],
  ["tokens a step, mean", "scheduling.tokens_per_step", number],
  ["recomputed tokens", "tokens.recomputed", number, -1],
  ["prompt tokens from the prefix cache", "tokens.prefix_hits", number, 1], ["prefix hit rate", "kv.prefix_hit_rate", percent, 1],
  ["KV cache in use, mean", "kv.mean_occupancy", percent], ["KV cache in use, peak", "kv.peak_occupancy", percent],
  ["pipeline bubbles", "pipeline.bubble_share", percent, -1], ["device busy", "pipeline.busy_share", percent],
  ["Between instances"],
  ["KV transfers", "movement.transfers", number], ["bytes transferred", "movement.transferred_bytes", number, -1],
  ["time of a transfer, P99", "movement.transfer_seconds.p99", seconds, -1],
  ["migrations", "movement.migrations", number], ["bytes migrated", "movement.migrated_bytes", number, -1],
  ["pause of a migration, P50", "movement.downtime_seconds.p50", seconds, -1],
  ["pause of a migration, longest", "movement.downtime_seconds.max", seconds, -1],
  ["sent to another instance again", "requests.resubmitted", number],
  ["Cost"],
  ["dollars an hour", "cost.dollars_per_hour", dollars, -1],
  ["dollars a million output tokens", "cost.dollars_per_million_output_tokens", dollars, -1],
  ["kWh a million output tokens", "cost.kwh_per_million_output_tokens", number, -1], ["watts, mean", "cost.mean_watts", number, -1],
];

/* A percentile of nothing. */
const isEmpty = (run, way) => way.startsWith("latency_seconds.") && at(run, way.replace(/[^.]*$/, "count")) === 0;

function numberRow([name, way, format, better], drawn) {
  const values = drawn.map((run) => isEmpty(run, way) ? undefined : at(run, way));
  const needless = way.startsWith("movement.") || way === "requests.resubmitted";
  if (values.every((v) => v === undefined || v === null || needless && v === 0)) return null;
  const texts = values.map((v) => v === undefined ? "–" : format(v));
  const known = values.filter((v) => Number.isFinite(v));
  const best = better && known.length > 1 ? format(better < 0 ? Math.min(...known) : Math.max(...known)) : undefined;
  const differ = new Set(texts).size > 1;
  return element("tr", {}, element("th", {scope: "row"}, name), ...texts.map((text) =>
    element("td", {class: differ && text === best ? "good" : ""}, text)));
}

function table(rows, drawn) {
  const head = several ? [element("thead", {}, element("tr", {}, element("th", {}, ""), ...drawn.map((run) =>
    element("th", {scope: "col"}, element("span", {class: "swatch", style: `background:${run.color}`}), run.name))))] : [];
  return element("div", {class: "wide"}, element("table", {}, ...head, element("tbody", {}, ...rows)));
}

/* The rows of each part that has any, under the part's name. */
function parts(drawn) {
  const found = [];
  for (const row of ROWS) {
    if (row.length === 1) {
      found.push({name: row[0], rows: []});
      continue;
    }
    const made = numberRow(row, drawn);
    if (made !== null) found[found.length - 1].rows.push(made);
  }
  return found.filter((part) => part.rows.length > 0);
}

/* One run's parts stand beside each other; several runs share one table. */
function numbersSection() {
  const drawn = shownRuns();
  if (!several) {
    return [heading("Numbers", ""), element("div", {class: "grid parts"}, ...parts(drawn).map((part) =>
      element("div", {class: "card"}, element("h3", {}, part.name), element("table", {}, element("tbody", {}, ...part.rows)))))];
  }
  const rows = parts(drawn).flatMap((part) => [
    element("tr", {class: "group"}, element("th", {scope: "rowgroup", colspan: drawn.length + 1}, part.name)), ...part.rows]);
  return [heading("Numbers", "The best of a row is green."), table(rows, drawn)];
}

function setupSection() {
  const drawn = shownRuns();
  const keys = [...new Set(drawn.flatMap((run) => Object.keys(run.setup || {})))];
  const rows = keys.map((key) => element("tr", {}, element("th", {scope: "row"}, key.replaceAll("_", " ")),
    ...drawn.map((run) => element("td", {class: "text"}, String(at(run, "setup")[key] ?? "–")))));
  return [heading("What was simulated", ""), table(rows, drawn)];
}

function heading(text, note) {
  const made = element("div", {}, element("h2", {}, text));
  if (note) made.append(element("p", {class: "note"}, note));
  return made;
}

function choice(options, key) {
  return element("div", {class: "controls choice"}, element("span", {}, ...options.map(([name, value]) => {
    const button = element("button", {type: "button", "aria-pressed": String(choices[key] === value)}, name);
    button.addEventListener("click", () => { choices[key] = value; render(); });
    return button;
  })));
}

function renderLegend() {
  if (!several) return;
  document.getElementById("legend").replaceChildren(...runs.map((run) => {
    const button = element("button", {type: "button", "aria-pressed": String(run.shown)},
      element("span", {class: "swatch", style: `background:${run.color}`}), run.name);
    button.addEventListener("click", () => {
      if (!run.shown || shownRuns().length > 1) run.shown = !run.shown;
      render();
    });
    return button;
  }));
}

function render() {
  const before = scrollY;
  tip.hidden = true;
  renderLegend();
  main.replaceChildren(
    ...(several ? [] : [tiles(runs[0])]), ...latencySection(), ...capacitySection(), ...timelineSection(), ...balanceSection(),
    ...numbersSection(), ...setupSection());
  scrollTo(0, before);
}

render();
