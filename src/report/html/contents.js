// SPDX-License-Identifier: MIT
// The table of contents, and which part is in view.

function startContents() {
  const list = byId("contents-list");
  const links = new Map();
  for (const section of document.querySelectorAll("main > section")) {
    const link = el("a", {href: `#${section.id}`}, section.querySelector("h2").textContent);
    links.set(section, link);
    list.append(el("li", {}, link));
  }
  const seen = new Set();
  const watcher = new IntersectionObserver((entries) => {
    for (const one of entries) {
      if (one.isIntersecting) seen.add(one.target);
      else seen.delete(one.target);
    }
    const first = [...links.keys()].find((section) => seen.has(section));
    for (const [section, link] of links) {
      if (section === first) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }, {rootMargin: "-10% 0px -60% 0px"});
  for (const section of links.keys()) watcher.observe(section);
  const narrow = matchMedia("(max-width: 1000px)");
  const fold = () => (byId("contents").open = !narrow.matches);
  narrow.addEventListener("change", fold);
  fold();
}
