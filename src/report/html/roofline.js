// SPDX-License-Identifier: MIT
// The roofline of a workload's kernels, with its switches and its table.

const view = {levels: new Map(), ceilings: new Map(), measured: true, all: false};

/** Areas go with shares of the time. */
function radius(share) {
  return clamp(18 * Math.sqrt(Math.max(share, 0)), 3.5, 18);
}

/** Where a kernel lies at a memory; NULL where it does no FLOP or moves nothing. */
function kernelPoint(one, k, level, label) {
  const bytes = k.bytes[level];
  if (!(k.flop > 0) || !(bytes > 0)) return null;
  const memory = one.memories[level];
  return {kernel: k.index, level, shape: level, x: k.flop / bytes, y: k.flop / k.time_s,
    r: radius(k.share), label, chosen: k.index === state.kernel, memory,
    text: `${k.label}, at ${memory.name}: ${quantity(k.flop / bytes, "FLOP/B")}, ` +
      `${quantity(k.flop / k.time_s, "FLOP/s")}, ${percent(k.share)} of the time`};
}

/** Records of ops that are one kernel each stand at what that op must move. */
function measuredPoints(one) {
  return one.measured.filter((m) => m.flop > 0 && m.bytes > 0).map((m) => {
    const like = one.launches.find((launch) => launch[3] === m.op_index);
    return {kernel: like ? like[0] : 0, level: "measured", shape: 0, hollow: true,
      x: m.flop / m.bytes, y: m.flop / m.measured_s, r: 6, label: "", measured: m,
      from: {x: m.flop / m.bytes, y: m.flop / m.predicted_s},
      text: `measured: ${m.op}: ${quantity(m.flop / m.measured_s, "FLOP/s")}, ` +
        `${quantity(m.measured_s, "s")}, predicted ${quantity(m.predicted_s, "s")}`};
  });
}

function rooflineModel(one) {
  const slopes = machine.slopes.filter((s) => view.levels.get(s.memory))
    .map((s) => ({...s, level: levelIndex(one, s.memory)}));
  const ceilings = machine.ceilings.filter((c, i) => view.ceilings.get(i))
    .map((c) => ({...c, own: isOwnCeiling(one, c)}));
  const points = [];
  for (const [rank, k] of byTime().entries()) {
    for (const [level, memory] of one.memories.entries()) {
      if (!view.levels.get(memory.name)) continue;
      const label = memory.home && rank < 6 ? k.label : "";
      const point = kernelPoint(one, k, level, label);
      if (point) points.push(point);
    }
  }
  if (view.measured) points.push(...measuredPoints(one));
  return {slopes, ceilings, points,
    title: `Roofline of ${machine.title} with the kernels of ${one.title}`};
}

/** Few kernels: all memories; many: that of the tensors, so that it stays readable. */
function startView(one) {
  const few = one.kernels.filter((k) => k.flop > 0).length <= 4;
  view.levels = new Map(machine.slopes.map((s) => [s.memory, s.home || few]));
  const own = machine.ceilings.map((c) => isOwnCeiling(one, c));
  const highest = machine.ceilings.findIndex((c) => c.kind === "vector");
  view.ceilings = new Map(machine.ceilings.map((c, i) =>
    [i, own[i] || (i === highest) || machine.ceilings.length <= 2]));
  if (![...view.ceilings.values()].includes(true)) view.ceilings.set(0, true);
}

function drawToggles(one, again) {
  const place = renew(byId("roofline-toggles"));
  const at = (memory) => levelIndex(one, memory);
  switches(place, "Memories", machine.slopes.map((s) => ({key: s.memory, text: s.memory,
    on: view.levels.get(s.memory), mark: legendMark(at(s.memory))})), (changed) => {
    view.levels.set(changed.key, changed.on);
    again();
  });
  switches(place, "Data types", machine.ceilings.map((c, i) => ({key: `ceiling-${i}`, index: i,
    text: `${c.dtypes} (${c.kind})`, on: view.ceilings.get(i), mark: dashMark(c.kind)})), (changed) => {
    view.ceilings.set(changed.index, changed.on);
    again();
  });
  if (one.measured.length > 0) {
    switches(place, "Measured", [{key: "measured", text: "measured points", on: view.measured,
      mark: legendMark("measured", true)}], (changed) => {
      view.measured = changed.on;
      again();
    });
  }
}

function legendMark(level, hollow) {
  return svg("svg", {class: "legend", width: 14, height: 14, "aria-hidden": "true"},
    svg("g", {class: `mark level-${level} ${hollow ? "hollow" : ""}`, transform: "translate(7 7)"},
      svg("path", {d: shape(Number.isInteger(level) && level >= 0 ? level : 0, 5)})));
}

function dashMark(kind) {
  return svg("svg", {class: "legend", width: 22, height: 14, "aria-hidden": "true"},
    svg("line", {class: "ceiling", x1: 0, x2: 22, y1: 7, y2: 7, "stroke-dasharray": DASHES[kind]}));
}

/** What a mark says when it is pointed at. */
function markRows(one, p) {
  if (p.measured) {
    const m = p.measured;
    return [["op", m.op], ["record", m.id], ["measured", quantity(m.measured_s, "s")],
      ["predicted", quantity(m.predicted_s, "s")],
      ["off by", percent(m.predicted_s / m.measured_s - 1)]];
  }
  const k = one.kernels[p.kernel];
  return [["bytes at", p.memory.name], ["intensity", quantity(p.x, "FLOP/B")],
    ["rate", quantity(p.y, "FLOP/s")], ["time each", quantity(k.time_s, "s")],
    ["runs", plain(k.runs)], ["of the time", percent(k.share)], ["bound by", k.bound_by],
    ["moved", quantity(k.bytes[p.level], "B")],
    ["energy each", k.energy_j === null ? null : quantity(k.energy_j, "J")]]
    .filter(([, value]) => value !== null);
}

/** Pointing, focus and Enter are the same for all charts with marks. */
function wireMarks(one, marks, chosen) {
  const nodes = marks.map((p) => p.node);
  for (const p of marks) {
    const title = p.measured ? "Measured" : one.kernels[p.kernel].label;
    const show = () => {
      p.node.classList.add("shown");
      showTooltip(p.node, title, p.rows ?? markRows(one, p));
    };
    const hide = () => {
      p.node.classList.remove("shown");
      hideTooltip();
    };
    p.node.addEventListener("pointerenter", show);
    p.node.addEventListener("pointerleave", hide);
    p.node.addEventListener("focus", show);
    p.node.addEventListener("blur", hide);
    p.node.addEventListener("click", () => chosen(p));
    p.node.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      chosen(p);
    });
  }
  roving(nodes, 0);
}

/** Kernels that have no place in the picture, in words. */
function absent(one, left) {
  const still = one.kernels.filter((k) => !(k.flop > 0));
  const sentences = [];
  if (still.length > 0) {
    sentences.push(`${still.length} of ${one.kernels.length} kernels do no FLOP, so they have no place here. `);
  }
  const names = [...new Set(left.filter((p) => !p.measured).map((p) => p.kernel))];
  if (names.length > 0) {
    sentences.push(`${names.length} lie far below the picture: ` +
      `${names.slice(0, 3).map((i) => one.kernels[i].label).join(", ")}${names.length > 3 ? " …" : "."}`);
  }
  return sentences.join("");
}

function rooflineTable(one) {
  const rows = byTime().map((k) => [k.label, percent(k.share), quantity(k.flop, "FLOP"),
    quantity(k.flop / k.time_s, "FLOP/s"),
    ...one.memories.map((m, i) => (k.bytes[i] > 0 ? quantity(k.flop / k.bytes[i], "FLOP/B") : "–"))]);
  const roofs = machine.slopes.map((s) => [[s.memory, noteMark(s.note)], "slope",
    quantity(s.bytes_per_s, "B/s")]).concat(machine.ceilings.map((c) => [
    [ceilingText(c), noteMark(c.note)], c.kind, quantity(c.flop_per_s, "FLOP/s")]));
  return [plainTable("Kernels", [{head: "kernel"}, {head: "of the time", number: true},
    {head: "work", number: true}, {head: "rate", number: true},
    ...one.memories.map((m) => ({head: `intensity at ${m.name}`, number: true}))], rows),
  plainTable("Roofs", [{head: "roof"}, {head: "kind"}, {head: "peak", number: true}], roofs)];
}

function startRoofline() {
  const place = byId("roofline-chart");
  const again = onWidth(place, (width) => {
    const one = run();
    const drawn = drawRoofline(place, width, rooflineModel(one));
    wireMarks(one, drawn.marks, (p) => chooseKernel(p.kernel));
    renew(byId("roofline-readout"), absent(one, drawn.left));
  });
  onChange("run", () => {
    startView(run());
    drawToggles(run(), () => again());
    renew(byId("roofline-table"), rooflineTable(run()));
    again();
  });
  onChange("kernel", () => {
    for (const mark of place.querySelectorAll(".mark")) {
      mark.classList.toggle("chosen", Number(mark.dataset.kernel) === state.kernel);
    }
  });
}
