// SPDX-License-Identifier: MIT
// Bars: what the time of each kernel is made of, how busy each part is, where energy goes.

const bars = {relative: false, all: false};
const FEW = 12;

/** A bar of segments {name, part, className, text}; parts of the whole width. */
function stackedBar(label, segments) {
  const bar = el("div", {class: "bar", role: "img", "aria-label": label});
  for (const s of segments) {
    if (!(s.part > 0)) continue;
    const node = el("span", {class: `segment ${s.className}`, title: s.text});
    node.style.width = `${s.part * 100}%`;
    bar.append(node);
  }
  return bar;
}

function termText(term, k) {
  return `${term.name} ${quantity(k[term.key], "s")}`;
}

function breakdownRow(k, most) {
  const each = k.time_s + k.launch_s;
  const scale = bars.relative ? 1 : k.all_s / most;
  const parts = TERMS.filter((t) => k[t.key] > 0);
  const label = `${k.label}, bound by ${k.bound_by}: ${parts.map((t) => termText(t, k)).join(", ")}`;
  const name = el("button", {type: "button", class: "name", "aria-pressed": k.index === state.kernel,
    "data-kernel": k.index, onclick: () => chooseKernel(k.index)}, k.label);
  return el("li", {}, el("div", {class: "head"}, name,
    el("span", {class: "by"}, `bound by ${k.bound_by}`),
    el("span", {class: "value"}, `${quantity(k.all_s, "s")}, ${percent(k.share)}`)),
  stackedBar(label, parts.map((t) => ({part: (k[t.key] / each) * scale,
    className: `term-${t.key}`, text: `${termText(t, k)}: ${t.doc}`}))));
}

function drawBreakdown() {
  const list = byTime();
  const shown = bars.all ? list : list.slice(0, FEW);
  const most = list[0]?.all_s ?? 1;
  const rest = list.slice(shown.length).reduce((sum, k) => sum + k.share, 0);
  renew(byId("breakdown-chart"),
    el("ul", {class: "key"}, TERMS.filter((t) => list.some((k) => k[t.key] > 0)).map((t) =>
      el("li", {}, el("span", {class: `swatch term-${t.key}`}), t.name))),
    el("ul", {class: "bars"}, shown.map((k) => breakdownRow(k, most))),
    list.length > FEW && el("p", {}, el("button", {type: "button", onclick: () => {
      bars.all = !bars.all;
      drawBreakdown();
    }}, bars.all ? "Show the longest only"
      : `Show all ${list.length}; the others are ${percent(rest)} of the time`)));
}

function breakdownTable() {
  const terms = TERMS.filter((t) => run().kernels.some((k) => k[t.key] > 0));
  return plainTable("What the time of one launch is made of",
    [{head: "kernel"}, {head: "runs", number: true}, {head: "bound by"},
      ...terms.map((t) => ({head: t.name, number: true}))],
    byTime().map((k) => [k.label, plain(k.runs), k.bound_by,
      ...terms.map((t) => quantity(k[t.key], "s"))]));
}

/** A list of bars with a name, a value and what it is. */
function barList(rows) {
  return el("ul", {class: "bars"}, rows.map((r) => el("li", {},
    el("div", {class: "head"}, el("span", {class: "name"}, r.name, r.note),
      el("span", {class: "value"}, r.value)),
    stackedBar(`${r.name}: ${r.value}`, [{part: r.part, className: r.className, text: r.doc ?? ""}]),
    r.doc && el("p", {class: "doc"}, r.doc))));
}

function drawServers() {
  const k = kernel();
  const uses = k.uses.filter((u) => u.busy_s > 0);
  renew(byId("servers"), el("p", {}, el("strong", {}, k.label), ` takes ${quantity(k.time_s, "s")} and is bound by `,
    el("strong", {}, k.bound_by), k.bound_by_doc ? ` (${k.bound_by_doc}).` : "."),
  barList(uses.slice(0, 10).map((u) => ({name: u.server.name, note: noteMark(u.server.note),
    value: `${percent(u.busy_s / k.time_s)}, ${quantity(u.busy_s, "s")}`,
    part: Math.min(1, u.busy_s / k.time_s), doc: u.server.doc,
    className: u.server.name === k.bound_by ? "binding" : "busy"}))));
}

function startBreakdown() {
  const place = byId("breakdown-toggles");
  switches(place, "Bars", [{key: "relative", text: "each to 100 %", on: false}], (changed) => {
    bars.relative = changed.on;
    drawBreakdown();
  });
  onChange("run", () => {
    bars.all = false;
    drawBreakdown();
    renew(byId("breakdown-table"), breakdownTable());
  });
  onChange("kernel", () => {
    for (const name of document.querySelectorAll("#breakdown-chart button.name, #kernels button.name")) {
      name.setAttribute("aria-pressed", String(Number(name.dataset.kernel) === state.kernel));
    }
    drawServers();
  });
}

/* --- energy ---------------------------------------------------------------------- */

function balance() {
  const slope = machine.slopes.find((s) => s.home);
  const own = machine.ceilings.find((c) => isOwnCeiling(run(), c)) ?? machine.ceilings[0];
  if (!slope?.j_per_byte || !own?.j_per_flop) return null;
  return el("p", {}, `A byte from ${slope.memory} takes ${quantity(slope.j_per_byte, "J")}`, noteMark(slope.note),
    `, a FLOP in ${own.dtypes} takes ${quantity(own.j_per_flop, "J")}`, noteMark(own.note), ". Both are the same at ",
    `${quantity(slope.j_per_byte / own.j_per_flop, "FLOP/B")}, the `, term("balance", "energy balance point"),
    "; the ", term("ridge", "ridge point"), ` of time is at ${quantity(own.flop_per_s / slope.bytes_per_s, "FLOP/B")}.`);
}

function drawEnergy() {
  const one = run(), m = one.metrics;
  const text = renew(byId("energy-text")), chart = renew(byId("energy-chart"));
  chart.hidden = !(m.energy_j > 0);
  if (chart.hidden) {
    text.append(el("p", {}, "The machine's file does not say what it draws (key ", el("code", {}, "power"),
      "), so no energy is predicted."));
    return;
  }
  text.append(el("p", {}, `The workload takes ${quantity(m.energy_j, "J")}: `,
    `${quantity(m.power_w, "W")} in the mean${one.cap_w ? `, of ${quantity(one.cap_w, "W")} that it may draw` : ""}. `,
    m.j_per_flop !== null && `That is ${quantity(m.j_per_flop, "J/FLOP")}`,
    m.j_per_byte !== null && ` and ${quantity(m.j_per_byte, "J/B")} of the memory of the tensors. `,
    "What is drawn whatever runs is ", term("static", "static power"), "."));
  const more = balance();
  if (more) text.append(more);
  const most = Math.max(...one.energies.map((e) => e.energy_j));
  chart.append(barList(one.energies.map((e) => ({name: e.name, part: e.energy_j / most,
    value: `${quantity(e.energy_j, "J")}, ${percent(e.energy_j / m.energy_j)}`, doc: e.doc,
    className: "joules"}))));
}

function startEnergy() {
  onChange("run", drawEnergy);
}
