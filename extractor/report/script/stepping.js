/* ---- from change to change, and from pair to pair ---- */

const KEYS = { j: 1, n: 1, k: -1, p: -1 };
const chosen = new Map(); // where the browser keeps nothing for a page

function remember(name, value) {
  chosen.set(name, value);
  try { localStorage.setItem(`archived-policy ${name}`, value); } catch { /* kept until the page is left */ }
}

function remembered(name) {
  try { return chosen.get(name) ?? localStorage.getItem(`archived-policy ${name}`) ?? undefined; } catch { return chosen.get(name); }
}

function neighbourPairs(site, before, after) {
  const captures = site.stories.find((story) => story.includes(before) && story.includes(after)) ?? timelineRows(site).find((row) => row.includes(before)) ?? [];
  const [from, to] = [captures.indexOf(before), captures.indexOf(after)].sort((a, b) => a - b);
  return { earlier: from > 0 ? [captures[from - 1], captures[from]] : undefined, later: to + 1 < captures.length ? [captures[to], captures[to + 1]] : undefined };
}

function pairLinks(site, before, after) {
  const { earlier, later } = neighbourPairs(site, before, after);
  const link = (pair, words, name, key) => pair && make("a", { href: pairAddress(site, pair), class: name, "aria-keyshortcuts": key, "aria-label": `${words} pair: ${pair.map((number) => captureName(site.captures[number])).join(" and ")}` }, name === "earlier" ? `← ${words}` : `${words} →`);
  return make("nav", { class: "steps", "aria-label": "Other pairs of captures" }, link(earlier, "Earlier", "earlier", "h") ?? "", link(later, "Later", "later", "l") ?? "");
}

function pairAddress(site, [before, after]) {
  return `#s${site.number}/d${before}-${after}`;
}

function changesInView() {
  return [...view.querySelectorAll(".diff tbody:not(.fold, .same, .departure)")];
}

// The change after or before the one that has the focus; without one, the next below or above the top of the window
function showChange(move) {
  const all = changesInView();
  if (!all.length) return;
  const at = all.findIndex((body) => body.contains(document.activeElement));
  const top = view.querySelector(".diff-tools").getBoundingClientRect().bottom;
  const below = all.findIndex((body) => body.getBoundingClientRect().top >= top - 1);
  const next = at >= 0 ? at + move : move > 0 ? (below < 0 ? all.length - 1 : below) : (below < 0 ? all.length : below) - 1;
  const place = Math.min(Math.max(next, 0), all.length - 1);
  const head = all[place].querySelector("th");
  head.focus({ preventScroll: true });
  head.scrollIntoView({ block: "start" });
  view.querySelector(".at").value = `${place + 1} of ${all.length}`;
}

function keyHelp() {
  const box = make("input", { type: "checkbox", checked: remembered("keys") !== "off", on: { change: () => remember("keys", box.checked ? "on" : "off") } });
  const keys = [["j or n", "next change"], ["k or p", "previous change"], ["l", "later pair of captures"], ["h", "earlier pair"], ["v", "side by side or inline"]];
  return make("details", { class: "keys" }, make("summary", {}, "Keys"),
    make("dl", {}, keys.map(([key, what]) => make("div", {}, make("dt", {}, make("kbd", {}, key)), make("dd", {}, what)))), make("label", {}, box, " Keys are on"));
}

function pressKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || remembered("keys") === "off") return;
  if (!view.querySelector(".diff") || event.target.closest?.("input, select, textarea, dialog")) return;
  const key = event.key.toLowerCase();
  if (key in KEYS) showChange(KEYS[key]);
  else if (key === "l" || key === "h") view.querySelector(key === "l" ? ".steps .later" : ".steps .earlier")?.click();
  else if (key === "v") view.querySelector(".modes [aria-pressed=false]").click();
}
