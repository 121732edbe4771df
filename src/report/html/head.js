// SPDX-License-Identifier: MIT
// Title, verdict, figures at a glance; the list of workloads where there are several.

const TILES = ["time_s", "flop_per_s", "flop_per_byte", "main_bytes", "energy_j", "power_w"];

function drawHead() {
  const one = run();
  byId("title").textContent = one.title;
  byId("machine").textContent = `on ${machine.title}`;
  renew(byId("verdict"), one.sentences.map((s) => el("p", {}, withTerms(s))),
    el("p", {class: "hint"}, el("code", {}, `perfsim explain ${one.words}`),
      " says where each number comes from, down to the lines of the files."));
  const tiles = data.metrics.filter((m) => TILES.includes(m.key) && one.metrics[m.key] !== null);
  byId("tiles").dataset.columns = tiles.length % 3 === 0 ? 3 : 4;
  renew(byId("tiles"), tiles.map((m) => el("div", {}, el("dt", {}, m.heading),
    el("dd", {}, quantity(one.metrics[m.key], m.unit)))));
  byId("made").textContent = `Made by perfsim ${data.version}, ${one.engine} engine: ${data.command}`;
}

/** One row a workload; its button shows it in all parts of the page. */
function drawWorkloads() {
  const place = byId("workloads");
  place.hidden = data.runs.length < 2;
  if (place.hidden) return;
  const rows = data.runs.map((one, i) => [el("button", {type: "button", class: "name",
    "aria-pressed": String(i === state.run), onclick: () => {
      chooseRun(i);
      document.querySelectorAll("#workloads button")[i].focus();
    }}, one.workload),
  quantity(one.metrics.time_s, "s"), one.bound_by, quantity(one.metrics.flop_per_byte, "FLOP/B"),
  quantity(one.metrics.flop_per_s, "FLOP/s"), quantity(one.metrics.energy_j, "J")]);
  renew(place, plainTable("Workloads; press one to see it", [{head: "workload"}, {head: "time", number: true},
    {head: "bound by"}, {head: "intensity", number: true}, {head: "rate", number: true},
    {head: "energy", number: true}], rows));
}

function startHead() {
  onChange("run", () => {
    drawHead();
    drawWorkloads();
  });
}
