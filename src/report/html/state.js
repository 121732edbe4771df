// SPDX-License-Identifier: MIT
// What is shown: one workload, one of its kernels; parts of the page redraw when that
// changes.

const state = {run: 0, kernel: 0};
const listeners = [];

function onChange(what, draw) {
  listeners.push({what, draw});
}

function change(what) {
  for (const one of listeners) {
    if (one.what === what || what === "run") one.draw();
  }
}

function chooseRun(index) {
  state.run = index;
  state.kernel = longestKernel();
  change("run");
}

function chooseKernel(index) {
  state.kernel = index;
  change("kernel");
}

/** The run in view, with sums over the launches of each kernel. */
function run() {
  const one = data.runs[state.run];
  if (!one.prepared) prepare(one);
  return one;
}

function kernel() {
  return run().kernels[state.kernel];
}

const TERMS = [
  {key: "bound_s", name: "bound", doc: "the busiest part works without a pause"},
  {key: "clock_s", name: "clock", doc: "the clock is below its nominal one"},
  {key: "refetch_s", name: "fetched again", doc: "bytes beyond those that must move"},
  {key: "fill_s", name: "fill and drain", doc: "pipelines fill and drain, latencies"},
  {key: "tail_s", name: "tail", doc: "the last wave, unequal work-groups"},
  {key: "contention_s", name: "contention", doc: "waiting for each other"},
  {key: "launch_s", name: "launch", doc: "from the end of the kernel before"},
];

/** Packed numbers become lists; each kernel knows its ops and how often it runs. */
function prepare(one) {
  one.prepared = true;
  for (const [index, k] of one.kernels.entries()) {
    const packed = unpack(k.uses);
    k.index = index;
    k.ops = [];
    k.runs = 0;
    k.uses = [];
    for (let i = 0; i < packed.length; i += 5) {
      const [server, read, written, busy_s, energy_j] = packed.slice(i, i + 5);
      k.uses.push({server: one.servers[server], read, written, busy_s, energy_j});
    }
    k.uses.sort((a, b) => b.busy_s - a.busy_s);
  }
  for (const [index, op, count] of one.launches) {
    const k = one.kernels[index];
    if (!k.ops.includes(op)) k.ops.push(op);
    k.runs += count;
  }
  for (const k of one.kernels) {
    k.all_s = k.runs * (k.time_s + k.launch_s);
    k.share = one.metrics.time_s > 0 ? k.all_s / one.metrics.time_s : 0;
    k.bytes = one.memories.map((m) => bytesAt(k, m.name));
    const home = one.memories.findIndex((m) => m.home);
    k.home_bytes = home < 0 ? 0 : k.bytes[home];
    k.waves = k.groups / (k.units * k.resident);
  }
  nameKernels(one);
}

function bytesAt(k, memory) {
  return k.uses.filter((u) => u.server.level === memory)
    .reduce((sum, u) => sum + u.read + u.written, 0);
}

/** "gemm"; where others have that name too, with the op; else with the mapping. */
function nameKernels(one) {
  const ops = (k) => `${k.ops[0]}${k.ops.length > 1 ? ` and ${k.ops.length - 1} more` : ""}`;
  for (const k of one.kernels) {
    const twins = one.kernels.filter((o) => o.name === k.name).length;
    k.label = twins > 1 ? `${k.name} of ${k.ops[0]}` : k.name;
    k.where = ops(k);
  }
}

function longestKernel() {
  const list = run().kernels;
  return list.reduce((best, k) => (k.all_s > list[best].all_s ? k.index : best), 0);
}

/** Kernels, those that take longest in all first. */
function byTime() {
  return [...run().kernels].sort((a, b) => b.all_s - a.all_s || a.index - b.index);
}

/** Lists of all kernels wherever the page speaks of one of them. */
function startPickers() {
  for (const [i, place] of document.querySelectorAll("[data-picker]").entries()) {
    const select = el("select", {id: `picker-${i}`});
    select.addEventListener("change", () => chooseKernel(Number(select.value)));
    place.append(el("label", {for: `picker-${i}`}, "Kernel "), select);
    const draw = () => {
      renew(select, byTime().map((k) => el("option", {value: k.index},
        `${k.label} – ${percent(k.share)} of the time`)));
      select.value = String(state.kernel);
      place.hidden = run().kernels.length < 2;
    };
    onChange("kernel", draw);
  }
}
