"use strict";

/* Draws charts as SVG. A chart is described by plain values, fills the width of its box, and is drawn anew when that changes. */

// Elements of SVG need its namespace, whose name is read off the page so that the page holds no address at all.
const SVG = document.getElementById("svg").namespaceURI;

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function shape(parent, name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "style") made.style.cssText = value;
    else made.setAttribute(key, value);
  }
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

const trim = (text) => text.includes(".") ? text.replace(/\.?0+$/, "") : text;

/* Three digits that matter, thousands and millions by a letter. */
function number(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1e9) return trim((value / 1e9).toPrecision(3)) + " G";
  if (size >= 1e6) return trim((value / 1e6).toPrecision(3)) + " M";
  if (size >= 1e5) return Math.round(value / 1e3) + " k";
  if (size >= 100) return Math.round(value).toLocaleString("en");
  if (size === 0) return "0";
  return size < 0.001 ? value.toExponential(1) : trim(value.toPrecision(3));
}

function seconds(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (value === 0) return "0 s";
  if (value < 0.9995e-3) return trim((value * 1e6).toPrecision(3)) + " µs";
  if (value < 0.9995) return trim((value * 1e3).toPrecision(3)) + " ms";
  return value < 99.95 ? trim(value.toPrecision(3)) + " s" : Math.round(value).toLocaleString("en") + " s";
}

const percent = (value) => value === null || value === undefined ? "–"
    : trim((100 * value).toFixed(value > 0.995 && value < 1 ? 2 : 1)) + " %";

function linearTicks(low, high, wanted) {
  const rough = (high - low) / Math.max(1, wanted);
  const power = Math.pow(10, Math.floor(Math.log10(rough)));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999);
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high * (1 + 1e-9); k++) ticks.push(k * step);
  return ticks;
}

function logTicks(low, high) {
  const ticks = [];
  const narrow = Math.log10(high / low) < 2.5;
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const m of narrow ? [1, 2, 5] : [1]) {
      const tick = m * Math.pow(10, power);
      if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
    }
  }
  return ticks;
}

/* Shares of requests on a scale that gives each further nine the same room. */
const nines = (share) => -Math.log10(Math.max(1 - share, 1e-5));

function scale(axis, from, to) {
  const move = axis.kind === "log" ? Math.log10 : axis.kind === "nines" ? nines : (v) => v;
  const low = move(axis.min), high = move(axis.max);
  const place = (v) => from + (to - from) * (move(Math.min(Math.max(v, axis.min), axis.max)) - low) / (high - low || 1);
  const length = Math.abs(to - from);
  place.ticks = axis.kind === "log" ? logTicks(axis.min, axis.max)
      : axis.kind === "nines" ? [0, 0.5, 0.9, 0.99, 0.999, 0.9999].filter((t) => t <= axis.max + 1e-9)
      : linearTicks(axis.min, axis.max, length / (axis.across ? 90 : 38));
  return place;
}

const textWidth = (text) => text.length * 6.4;

function axes(svg, chart, box, x, y) {
  for (const tick of y.ticks) {
    shape(svg, "line", {class: "gridline", x1: box.left, x2: box.right, y1: y(tick), y2: y(tick)});
    shape(svg, "text", {x: box.left - 7, y: y(tick) + 4, "text-anchor": "end"}, chart.y.format(tick));
  }
  shape(svg, "line", {class: "axis", x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom});
  let free = -Infinity;
  for (const tick of x.ticks) {
    const text = chart.x.format(tick);
    shape(svg, "line", {class: "axis", x1: x(tick), x2: x(tick), y1: box.bottom, y2: box.bottom + 4});
    const half = textWidth(text) / 2;
    const middle = Math.min(x(tick), box.right + 10 - half);
    if (middle - half > free) {
      shape(svg, "text", {x: middle, y: box.bottom + 17, "text-anchor": "middle"}, text);
      free = middle + half + 8;
    }
  }
  shape(svg, "text", {x: box.right, y: box.bottom + 33, "text-anchor": "end"}, chart.x.label);
}

/* Lines at limits: their names stand at the top, below each other where they would meet. */
function rules(svg, chart, box, x, y) {
  let row = 0;
  for (const rule of chart.rules || []) {
    if (rule.axis === "x" && rule.at >= chart.x.min && rule.at <= chart.x.max) {
      const at = x(rule.at), right = at + textWidth(rule.label) + 8 < box.right;
      shape(svg, "line", {class: "rule", x1: at, x2: at, y1: box.top, y2: box.bottom});
      shape(svg, "text", {class: "ruletext halo", x: at + (right ? 5 : -5), y: box.bottom - 8 - 15 * row++,
        "text-anchor": right ? "start" : "end"}, rule.label);
    } else if (rule.axis === "y" && rule.at <= chart.y.max && rule.at >= chart.y.min) {
      const at = y(rule.at);
      shape(svg, "line", {class: "rule", x1: box.left, x2: box.right, y1: at, y2: at});
      shape(svg, "text", {class: "ruletext halo", x: box.left + 6, y: at - 5}, rule.label);
    }
  }
}

function path(points, x, y, stepped) {
  let text = "";
  points.forEach(([px, py], i) => {
    const sx = x(px).toFixed(1), sy = y(py).toFixed(1);
    text += i === 0 ? `M${sx},${sy}` : stepped ? `H${sx}V${sy}` : `L${sx},${sy}`;
  });
  return text;
}

function drawSeries(svg, series, x, y) {
  if (series.points.length === 0) return;
  if (series.base) {
    const back = series.base.slice().reverse();
    shape(svg, "path", {d: path(series.points, x, y) + path(back, x, y).replace("M", "L") + "Z",
      style: `fill:${series.color};fill-opacity:0.85;stroke:none`});
    return;
  }
  if (series.band) {
    shape(svg, "path", {d: path(series.band.top, x, y) + path(series.band.bottom.slice().reverse(), x, y).replace("M", "L") + "Z",
      style: `fill:${series.color};fill-opacity:0.16;stroke:none`});
  }
  shape(svg, "path", {d: path(series.points, x, y, series.stepped),
    style: `fill:none;stroke:${series.color};stroke-width:1.8;stroke-linejoin:round`});
  for (const dot of series.dots || []) {
    shape(svg, "circle", {cx: x(dot.x), cy: y(dot.y), r: 4,
      style: `fill:${dot.full ? series.color : "var(--card)"};stroke:${series.color};stroke-width:1.8`});
  }
}

/* The value of a series at x: of its last point not beyond, since what is drawn are states that last. */
function valueAt(series, at) {
  let low = 0, high = series.points.length - 1;
  if (high < 0 || series.points[0][0] > at) return undefined;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (series.points[middle][0] <= at) low = middle; else high = middle - 1;
  }
  return series.points[low];
}

const tip = document.getElementById("tip");

function showTip(event, lines) {
  tip.replaceChildren(...lines.map((line) => {
    const row = element("div", {}, line.text);
    if (line.color) row.prepend(element("span", {class: "swatch", style: `background:${line.color}`}));
    return row;
  }));
  tip.hidden = false;
  const beyond = event.clientX + 16 + tip.offsetWidth > innerWidth;
  tip.style.left = Math.max(4, beyond ? event.clientX - 14 - tip.offsetWidth : event.clientX + 14) + "px";
  tip.style.top = Math.max(4, Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 6)) + "px";
}

function hover(svg, chart, box, x) {
  const cross = shape(svg, "line", {class: "cross", y1: box.top, y2: box.bottom, visibility: "hidden"});
  const area = shape(svg, "rect", {x: box.left, y: box.top, width: Math.max(0, box.right - box.left),
    height: Math.max(0, box.bottom - box.top), style: "fill:transparent"});
  area.addEventListener("pointermove", (event) => {
    const pixel = event.clientX - svg.getBoundingClientRect().left;
    const share = (pixel - box.left) / (box.right - box.left);
    const at = chart.x.kind === "log" ? chart.x.min * Math.pow(chart.x.max / chart.x.min, share)
        : chart.x.min + share * (chart.x.max - chart.x.min);
    cross.setAttribute("x1", pixel);
    cross.setAttribute("x2", pixel);
    cross.setAttribute("visibility", "visible");
    const lines = [{text: chart.x.format(Number(at.toPrecision(3)))}];
    for (const series of chart.series) {
      const point = valueAt(series, at);
      if (point) lines.push({color: series.color, text: `${series.name}: ${chart.y.tip(series.value ? series.value(point) : point[1])}`});
    }
    showTip(event, lines);
  });
  area.addEventListener("pointerleave", () => {
    tip.hidden = true;
    cross.setAttribute("visibility", "hidden");
  });
}

function draw(holder, chart) {
  const width = Math.max(240, Math.floor(holder.clientWidth));
  const y0 = scale(chart.y, chart.height - 38, 12);
  const labels = Math.max(...y0.ticks.map((t) => textWidth(chart.y.format(t))), 12);
  const box = {left: labels + 12, right: width - 14, top: 12, bottom: chart.height - 38};
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("width", width);
  svg.setAttribute("height", chart.height);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", chart.title);
  const x = scale({...chart.x, across: true}, box.left, box.right);
  const y = scale(chart.y, box.bottom, box.top);
  axes(svg, chart, box, x, y);
  chart.series.forEach((series) => drawSeries(svg, series, x, y));
  rules(svg, chart, box, x, y);
  hover(svg, chart, box, x);
  holder.replaceChildren(svg);
}

/* Rows of cells shaded by a share, darkest at the most; neighbours of the same shade are one rectangle. */
function drawHeat(holder, heat) {
  const width = Math.max(240, Math.floor(holder.clientWidth));
  const rowHeight = Math.max(5, Math.min(20, Math.floor(260 / heat.rows.length)));
  const left = Math.max(...heat.rows.map((r) => textWidth(r.name))) + 12;
  const box = {left, right: width - 14, top: 6, bottom: 6 + rowHeight * heat.rows.length};
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("width", width);
  svg.setAttribute("height", box.bottom + 38);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", heat.title);
  const x = scale({...heat.x, across: true}, box.left, box.right);
  const every = Math.ceil(15 / rowHeight);
  heat.rows.forEach((row, r) => {
    const top = box.top + r * rowHeight;
    if (r % every === 0) shape(svg, "text", {x: left - 7, y: top + Math.min(rowHeight, 14) - 1, "text-anchor": "end"}, row.name);
    const cell = (heat.x.max - heat.x.min) / row.values.length;
    const shade = (i) => Math.round(12 * Math.min(1, row.values[i] / heat.most));
    for (let i = 0; i < row.values.length;) {
      let end = i + 1;
      while (end < row.values.length && shade(end) === shade(i)) end++;
      shape(svg, "rect", {x: x(i * cell).toFixed(1), y: top, width: (x(end * cell) - x(i * cell) + 0.3).toFixed(1),
        height: rowHeight - 1, style: `fill:rgba(var(--heat), ${(0.06 + 0.94 * shade(i) / 12).toFixed(2)})`});
      i = end;
    }
  });
  axes(svg, {x: heat.x, y: {format: () => ""}}, box, x, {ticks: []});
  hover(svg, {x: heat.x, y: {tip: percent}, series: []}, box, x);
  const area = svg.lastChild;
  area.addEventListener("pointermove", (event) => {
    const around = svg.getBoundingClientRect();
    const row = heat.rows[Math.floor((event.clientY - around.top - box.top) / rowHeight)];
    if (!row) return;
    const share = (event.clientX - around.left - box.left) / (box.right - box.left);
    const value = row.values[Math.min(row.values.length - 1, Math.max(0, Math.floor(share * row.values.length)))];
    showTip(event, [{text: `${row.name}, ${heat.x.format(Number((share * heat.x.max).toPrecision(3)))}: ${percent(value)}`}]);
  });
  holder.replaceChildren(svg);
}

/* A card with a title, a drawing that follows the card's width, and the names of what is drawn. */
function card(title, keys, paint) {
  const plot = element("div", {class: "plot"});
  const made = element("div", {class: "card"}, element("h3", {}, title), plot);
  if (keys.length > 0) {
    made.append(element("div", {class: "keys"}, ...keys.map((key) => element("span", {},
        element("span", {class: "swatch", style: `background:${key.color}`}), key.name))));
  }
  let drawn = 0;
  new ResizeObserver(() => {
    if (Math.abs(plot.clientWidth - drawn) >= 1) {
      drawn = plot.clientWidth;
      paint(plot);
    }
  }).observe(plot);
  return made;
}
