// SPDX-License-Identifier: MIT
// Footnotes: the lines of the inputs from which a figure comes, numbered as they are used.

const noteNumbers = new Map();

/** "[3]", a link to the lines; nothing where there are none. */
function noteMark(note) {
  if (!note) return null;
  if (!noteNumbers.has(note)) {
    noteNumbers.set(note, noteNumbers.size + 1);
    addNote(note);
  }
  const number = noteNumbers.get(note);
  return el("sup", {}, el("a", {class: "note", href: `#note-${number}`,
    "aria-label": `source ${number}`}, `[${number}]`));
}

/** Words of `sources:` that the lines use, with what they stand for. */
function wordsOf(lines) {
  const words = new Map();
  for (const line of lines) {
    for (const found of line.matchAll(/source:\s*["']?([A-Za-z_][A-Za-z0-9_]*)/g)) {
      if (Object.hasOwn(machine.sources, found[1])) words.set(found[1], machine.sources[found[1]]);
    }
  }
  return words;
}

/** A file as people call it: overlays have the names of machines. */
function fileName(note) {
  return note.file.split("/").slice(note.file.includes("/overlays/") ? -2 : -1).join("/");
}

function addNote(index) {
  const note = data.notes[index - 1];
  const number = noteNumbers.get(index);
  const name = fileName(note);
  const words = [...wordsOf([...note.text, ...note.over.map((o) => o.text)])];
  byId("sources-list").append(el("li", {id: `note-${number}`, value: number},
    el("details", {},
      el("summary", {title: note.file}, `${name}, line ${note.line}: `,
        el("code", {}, note.text[0].trim())),
      scrolling(`${name}, line ${note.line}`, el("pre", {}, note.text.join("\n"))),
      note.over.length > 0 && el("p", {}, "Laid over it:"),
      note.over.length > 0 && el("ul", {class: "overs"}, note.over.map((o) => el("li", {},
        `${fileName(o)}, line ${o.line}: `, el("code", {}, o.text.trim())))),
      words.length > 0 && el("dl", {class: "words"}, words.map(([word, text]) =>
        [el("dt", {}, word), el("dd", {}, text)])))));
}

function startSources() {
  const draw = () => {
    const one = run();
    renew(byId("assumptions"), one.assumptions.length > 0 && [
      el("h3", {}, "Assumed, as the machine's file leaves it out"),
      el("ul", {}, one.assumptions.map((a) => el("li", {}, a.text, noteMark(a.note))))]);
    renew(byId("layers"), el("h3", {}, "The machine was read from"),
      el("ol", {}, one.layers.map((layer) => el("li", {}, el("code", {}, layer)))));
  };
  onChange("run", draw);
}
