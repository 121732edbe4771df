// SPDX-License-Identifier: MIT
// What ran when: launches one after the other, and how busy the machine was meanwhile.

/** [launch, start_s, end_s, launch_s, launches] of each bar. */
function launchesOf(one) {
  const packed = unpack(one.timeline.launches);
  const ret = [];
  for (let i = 0; i < packed.length; i += 5) {
    const [launch, start_s, end_s, launch_s, joined] = packed.slice(i, i + 5);
    const [index, op] = one.launches[launch];
    ret.push({kernel: one.kernels[index], op, start_s, end_s, launch_s, joined});
  }
  return ret;
}

/** One colour a name of kernels: those that take longest first, the others share one. */
function nameColours(bars) {
  const times = new Map();
  for (const bar of bars) {
    const name = bar.kernel.name;
    times.set(name, (times.get(name) ?? 0) + (bar.end_s - bar.start_s));
  }
  const names = [...times].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  return {names, of: (name) => Math.min(names.indexOf(name), 5)};
}

function timeAxis(root, width, height, left, right, time_s) {
  const count = Math.max(2, Math.floor((width - left - right) / 110));
  const step = niceStep(time_s / count);
  const x = (t) => left + (t / time_s) * (width - left - right);
  const axis = svg("g", {class: "grid", "aria-hidden": "true"});
  for (let t = 0; t <= time_s * 1.0001; t += step) {
    axis.append(svg("line", {x1: x(t), x2: x(t), y1: 4, y2: height - 24}));
    if (x(t) > width - 34 && t > 0) continue;
    axis.append(svg("text", {class: "label tick", x: x(t), y: height - 8, "text-anchor": t === 0 ? "start" : "middle"},
      t === 0 ? "0" : quantity(t, "s", 3)));
  }
  root.append(axis);
  return x;
}

/** 1, 2 or 5 times a power of ten, not below. */
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((f) => f * power).find((step) => step >= least * 0.999);
}

function barText(bar) {
  const joined = bar.joined > 1 ? `, ${bar.joined} launches in a row` : "";
  return `${bar.kernel.name} of ${bar.op}${joined}: ${quantity(bar.start_s, "s")} to ${quantity(bar.end_s, "s")}`;
}

/** Rows by name of the kernel, so that bars need no labels of their own. */
function drawLaunches(place, width, one) {
  const bars = launchesOf(one);
  const colours = nameColours(bars);
  const narrow = width < 520;
  const left = narrow ? 100 : 150, right = 8, row = 24;
  const shown = colours.names.slice(0, 8);
  const rows = shown.length + (colours.names.length > 8 ? 1 : 0);
  const height = rows * row + 34;
  const root = svg("svg", {width, height, viewBox: `0 0 ${width} ${height}`, class: "plot", role: "group",
    "aria-label": "Launches against time; arrow keys go from one to the next"});
  renew(place, root);
  const x = timeAxis(root, width, height, left, right, one.timeline.time_s);
  const rowOf = (name) => Math.min(shown.includes(name) ? shown.indexOf(name) : shown.length, rows - 1);
  for (let i = 0; i < rows; i++) {
    const text = i < shown.length ? shown[i] : "others";
    fitLabel(root, text, left - 8, i * row + 20, "row", 2);
  }
  const marks = bars.map((bar) => {
    const node = svg("rect", {class: `launch colour-${colours.of(bar.kernel.name)}`, role: "button",
      x: x(bar.start_s), y: rowOf(bar.kernel.name) * row + 7, height: row - 8,
      width: Math.max(1, x(bar.end_s) - x(bar.start_s) - 0.4), "aria-label": barText(bar)});
    const rowsShown = [["op", bar.op], ["from", quantity(bar.start_s, "s")], ["to", quantity(bar.end_s, "s")],
      ["takes", quantity(bar.end_s - bar.start_s, "s")], ["launched in", quantity(bar.launch_s, "s")],
      ["bound by", bar.kernel.bound_by]];
    node.addEventListener("pointerenter", () => showTooltip(node, bar.kernel.name, rowsShown));
    node.addEventListener("pointerleave", hideTooltip);
    node.addEventListener("focus", () => showTooltip(node, bar.kernel.name, rowsShown));
    node.addEventListener("blur", hideTooltip);
    node.addEventListener("click", () => chooseKernel(bar.kernel.index));
    node.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      chooseKernel(bar.kernel.index);
    });
    root.append(node);
    return node;
  });
  roving(marks, 0);
}

/** Curves one below the other, each from nothing to its peak. */
function drawCounters(place, width, one, counters) {
  const narrow = width < 520;
  const left = narrow ? 100 : 150, right = 8, row = 48;
  const height = counters.length * row + 30;
  const root = svg("svg", {width, height, viewBox: `0 0 ${width} ${height}`, class: "plot", role: "img",
    "aria-label": "How busy the machine is against time; the table below says the means"});
  renew(place, root);
  const x = timeAxis(root, width, height, left, right, one.timeline.time_s);
  for (const [i, c] of counters.entries()) {
    const values = unpack(c.values).map((v) => v ?? 0);
    const most = c.peak > 0 ? c.peak : Math.max(...values, 1e-30);
    const bottom = (i + 1) * row, high = row - 14;
    const points = values.flatMap((v, at) => {
      const y = bottom - Math.min(1, v / most) * high;
      return [`${x(Math.min(at * c.step_s, one.timeline.time_s)).toFixed(1)},${y.toFixed(1)}`,
        `${x(Math.min((at + 1) * c.step_s, one.timeline.time_s)).toFixed(1)},${y.toFixed(1)}`];
    });
    root.append(svg("polygon", {class: `curve colour-${c.busy ? 1 : 0}`,
      points: `${x(0)},${bottom} ${points.join(" ")} ${x(one.timeline.time_s)},${bottom}`}));
    root.append(svg("line", {class: "base", x1: left, x2: width - right, y1: bottom, y2: bottom}));
    /* Its unit says as well whether it is a bandwidth. */
    fitLabel(root, c.name, left - 8, bottom - 20, "row", 2, c.name.replace(/ (bandwidth|busy)$/, ""));
    fitLabel(root, `to ${quantity(most, c.unit, 3)}`, left - 8, bottom - 3, "tick", 2);
  }
}

function timelineTables(one) {
  const bars = launchesOf(one);
  return [plainTable("Means over the run", [{head: "what"}, {head: "mean", number: true}, {head: "peak", number: true}],
    one.timeline.counters.map((c) => [c.name, quantity(c.mean, c.unit), c.peak > 0 ? quantity(c.peak, c.unit) : "–"])),
  plainTable("Launches", [{head: "kernel"}, {head: "op"}, {head: "from", number: true}, {head: "to", number: true},
    {head: "launches", number: true}], bars.slice(0, 300).map((bar) => [bar.kernel.name, bar.op,
    quantity(bar.start_s, "s"), quantity(bar.end_s, "s"), plain(bar.joined)])),
  bars.length > 300 && el("p", {class: "hint"}, `The first 300 of ${bars.length}.`)];
}

/** Curves that say something: bandwidths, occupancy, power, and the busiest parts. */
function countersShown(one, all) {
  const list = one.timeline.counters.filter((c) => c.mean > 0);
  if (all) return list;
  const busy = list.filter((c) => c.busy).sort((a, b) => b.mean - a.mean).slice(0, 3);
  return list.filter((c) => !c.busy || busy.includes(c));
}

function startTimeline() {
  const body = byId("timeline-body");
  const launches = el("div", {class: "chart", id: "timeline-launches"});
  const counters = el("div", {class: "chart", id: "timeline-counters"});
  const tables = el("div", {});
  const text = el("div", {});
  let all = false;
  const more = el("button", {type: "button", onclick: () => {
    all = !all;
    redraw();
  }}, "Show all parts");
  const rest = el("div", {}, el("div", {class: "panel"}, launches, counters, more),
    el("details", {class: "alternative"}, el("summary", {}, "The same as a table"), tables));
  body.append(text, rest);
  const againLaunches = onWidth(launches, (width) => {
    if (run().timeline) drawLaunches(launches, width, run());
  });
  const againCounters = onWidth(counters, (width) => {
    if (run().timeline) drawCounters(counters, width, run(), countersShown(run(), all));
  });
  const redraw = () => {
    more.textContent = all ? "Show the busiest parts only" : "Show all parts";
    againLaunches();
    againCounters();
  };
  onChange("run", () => {
    const one = run();
    rest.hidden = !one.timeline;
    renew(text, timelineText(one));
    if (!one.timeline) return;
    renew(tables, timelineTables(one));
    redraw();
  });
}

function timelineText(one) {
  if (!one.timeline) return el("p", {}, `There is no timeline: ${one.no_timeline ?? ""}.`);
  const off = one.timeline.time_s / one.metrics.time_s - 1;
  const differs = Math.abs(off) < 5e-4 ? "as long as the " : `${percent(Math.abs(off))} ${off < 0 ? "less" : "more"} than the `;
  const turns = one.timeline.turns > 1 ? ` The workload runs ${plain(one.timeline.turns)} times; this is the first.` : "";
  return el("p", {}, "What ran when, as the ", term("event", "event engine"), ` simulates it: ${quantity(one.timeline.time_s, "s")}`,
    one.timeline.turns > 1 ? "." : [`, ${differs}`, term("analytic", "analytic engine"), " says. "],
    turns, "Colours tell kernels apart; the curves below are means over all instances of each part.");
}
