// SPDX-License-Identifier: MIT
// The program of the chosen kernel, each line beside what it counts.

/** The lines of a program: {text, visits, amount, unit}. */
function programLines(one, program) {
  const lines = unpack(program.lines).map((i) => ({text: data.lines[i]}));
  const counts = unpack(program.counts);
  for (const [i, unit] of program.units.entries()) {
    const [line, visits, amount] = counts.slice(3 * i, 3 * i + 3);
    Object.assign(lines[line], {visits, amount, unit});
  }
  return lines;
}

/** Servers and acts first, then each kernel by itself. */
function programParts(lines) {
  const parts = [{title: "The machine as the programs see it: servers, acts, tensors", lines: [], machine: true}];
  for (const line of lines) {
    const found = /^kernel (\S+)/.exec(line.text);
    if (found) parts.push({title: `Kernel ${found[1]}`, name: found[1], lines: []});
    if (/^(units|run|repeat|host) /.test(line.text)) continue;
    parts.at(-1).lines.push(line);
  }
  return parts;
}

function amountText(line) {
  if (line.visits === undefined || !(line.amount > 0)) return "";
  return line.unit === "" ? `${plain(line.amount)} op` : quantity(line.amount, line.unit);
}

/** A line that is too long goes on below itself, a little to the right. */
function codeCell(line) {
  const deep = /^ */.exec(line.text)[0].length;
  const code = el("code", {}, line.text.trim());
  code.style.setProperty("--deep", `${deep + 1.5}ch`);
  return el("td", {class: "code"}, code);
}

function lineClass(line) {
  if (/^ *role/.test(line.text)) return "role";
  return line.visits === 0 || /^ *end$/.test(line.text) ? "minor" : null;
}

function codeTable(part) {
  const rows = part.lines.map((line) => el("tr", {class: part.machine ? null : lineClass(line)},
    codeCell(line),
    !part.machine && el("td", {class: "number"}, line.visits === undefined ? "" : plain(line.visits)),
    !part.machine && el("td", {class: "number"}, amountText(line))));
  return scrolling(part.title, el("table", {class: "program"}, el("caption", {}, part.title),
    el("thead", {}, el("tr", {}, el("th", {scope: "col"}, "program"),
      !part.machine && el("th", {scope: "col", class: "number"}, "times"),
      !part.machine && el("th", {scope: "col", class: "number"}, "in all"))),
    el("tbody", {}, rows)));
}

/** What a kernel asks of each part of the machine, with where that is stated. */
function usesTable(k) {
  return plainTable("What it asks of the machine", [{head: "part"}, {head: "read or done", number: true},
    {head: "written", number: true}, {head: "busy", number: true}, {head: "of the time", number: true}],
  k.uses.map((u) => [[u.server.name, noteMark(u.server.note)],
    u.server.unit === "" ? plain(u.read + u.written) : quantity(u.server.unit === "B" ? u.read : u.read + u.written, u.server.unit),
    u.server.unit === "B" ? quantity(u.written, "B") : "", quantity(u.busy_s, "s"),
    percent(u.busy_s / k.time_s)]));
}

/** What a kernel is made of stands before what its roles do. */
function drawPart(part, open) {
  const first = part.lines.findIndex((line) => /^ {2}role/.test(line.text));
  const parts = {title: `${part.title}: grid, channels, tiles`, machine: true, lines: part.lines.slice(0, first)};
  return el("details", {open}, el("summary", {}, part.title),
    el("details", {class: "inner"}, el("summary", {}, "Its grid, channels and tiles"), codeTable(parts)),
    codeTable({...part, title: `${part.title}: what its roles do`, lines: part.lines.slice(first)}));
}

function drawProgram() {
  const one = run(), k = kernel();
  const lines = programLines(one, one.programs[k.program]);
  const parts = programParts(lines);
  const text = () => `${lines.map((l) => l.text).join("\n")}\n`;
  const open = (part) => part.name === k.name || parts.length === 2;
  renew(byId("program-body"), el("p", {}, copyButton("Copy the program", text)),
    parts.filter((p) => !p.machine).map((part) => drawPart(part, open(part))),
    parts.filter((p) => p.machine).map((part) => el("details", {},
      el("summary", {}, part.title), codeTable(part))),
    el("details", {open: true}, el("summary", {}, `What ${k.label} asks of the machine`), usesTable(k)));
}

function startProgram() {
  onChange("kernel", drawProgram);
}
