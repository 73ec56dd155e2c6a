/* ---- two captures of a policy: what differs between them ---- */

const ROW_KIND_WORDS = { added: "new", removed: "gone", edited: "reworded", rewritten: "rewritten", moved: "moved", split: "split", merged: "merged", same: "unchanged" };
const WIDE = "(min-width: 60rem)";
const MODES = { split: "Side by side", inline: "Inline" };

function comparisonView(site, before, after, { latest = false } = {}) {
  const rows = alignedRows(site, before, after).map((row) => withPieces(site, before, after, row));
  const [from, to] = [site.captures[before], site.captures[after]];
  const table = make("div", {});
  const draw = () => table.replaceChildren(diffTable(site, before, after, rows));
  draw();
  return make("section", { class: "compare" },
    make("div", { class: "bar pair" }, make("h2", {}, latest ? "Latest change: " : "", dayText(from), " → ", dayText(to), make("small", {}, laterText(from, to))), make("span", { class: "balance" }, wordBalance(rows), " words"), pairLinks(site, before, after)),
    latest ? unchangedSince(site, after) : "",
    pairEvents(site, before, after),
    diffTools(site, before, after, rows, draw),
    make("p", { class: "note" }, countsText(rows)),
    table,
    rows.some((row) => row.kind === "rewritten") ? make("p", { class: "note" }, "“Rewritten” pairs passages that say the same in other words, as far as their content words, headings and labels show it. The likeness is 1 for the same words. The history has such passages as removed and added.") : "");
}

function withPieces(site, before, after, row) {
  if (row.kind === "departure") return { ...row, came: 0, went: 0 };
  const text = (number, indexes) => indexes.map((index) => site.texts[site.captures[number].segments[index][TEXT]]).join("\n\n");
  const [old, young] = [text(before, row.before), text(after, row.after)];
  const found = !row.after.length ? [{ op: "del", old }] : !row.before.length ? [{ op: "ins", young }] : comparePassages(old, young, site.captures[after].lang);
  return { ...row, pieces: found, came: countWords(found, "ins", "young"), went: countWords(found, "del", "old") };
}

function dayText(capture) {
  return make("span", { class: "day" }, captureName(capture));
}

function countWords(found, op, side) {
  return found.filter((piece) => piece.op === op).reduce((sum, piece) => sum + wordCount(piece[side]), 0);
}

function laterText(from, to) {
  const days = Math.round((timeOf(to) - timeOf(from)) / 864e5);
  return days > 0 ? ` ${durationText(days)} later` : days < 0 ? ` ${durationText(-days)} earlier` : "";
}

function unchangedSince(site, after) {
  const story = site.stories.find((one) => one.includes(after));
  const last = story?.at(-1) ?? after;
  return last === after ? "" : make("p", { class: "note" }, `Unchanged since, up to the capture of ${captureName(site.captures[last])}.`);
}

function countsText(rows) {
  const counts = Object.entries(ROW_KIND_WORDS).map(([kind, word]) => [rows.filter((row) => row.kind === kind).length, word]).filter(([count]) => count);
  const passages = counts.map(([count, word]) => `${count} ${word}`).join(", ");
  return passages ? `Passages: ${passages}.` : "Neither has a segment.";
}

function wordBalance(rows) {
  const [came, went] = ["came", "went"].map((side) => rows.reduce((sum, row) => sum + row[side], 0));
  return [make("b", { class: "came" }, `+${came.toLocaleString("en")}`), " ", make("b", { class: "went" }, `−${went.toLocaleString("en")}`)];
}

/* What the history found between two neighbouring captures, in a few lines */
function pairEvents(site, before, after) {
  const events = eventsBetween(site, before, after).filter((event) => !(event[KIND] in PASSAGE_EVENT_WORDS));
  const list = (some) => make("ul", { class: "events brief" }, some.map((event) => briefEvent(site, event)));
  const most = matchMedia(WIDE).matches ? 4 : 2;
  const rest = events.slice(most);
  if (!events.length) return "";
  return make("div", {}, list(events.slice(0, most)), rest.length ? make("details", {}, make("summary", {}, `${rest.length} more`), list(rest)) : "");
}

function briefEvent(site, event) {
  return make("li", { class: event[KIND] }, event[SENTENCE], " ", eventLink(site, event));
}

/* The bar above the differences */
function diffTools(site, before, after, rows, draw) {
  const places = timelineRows(site).find((row) => row.includes(before));
  const changed = rows.filter((row) => !["same", "departure"].includes(row.kind)).length;
  const step = (words, key, move) => make("button", { type: "button", "aria-label": `${words} change`, "aria-keyshortcuts": key, disabled: !changed, on: { click: () => showChange(move) } }, move < 0 ? "↑ Previous" : "↓ Next");
  return make("div", { class: "bar tools diff-tools" },
    make("span", { class: "group" }, step("Previous", "k", -1), step("Next", "j", 1), make("output", { class: "at" }, plural(changed, "change", "changes"))),
    modeSwitch(draw),
    make("span", {}, capturePicker(site, "Earlier", before, (place) => `#s${site.number}/d${place}-${after}`, places), " ", archiveLink(site.captures[before], "archived page")),
    make("span", {}, capturePicker(site, "Later", after, (place) => `#s${site.number}/d${before}-${place}`, places), " ", archiveLink(site.captures[after], "archived page")),
    keyHelp(),
    rowsDownloadButton(() => comparedValues(site, before, after, rows), "compared.csv"));
}

// Each passage of either capture; what moved stands where it is now
function* comparedValues(site, before, after, rows) {
  const [from, to] = [site.captures[before], site.captures[after]];
  const textOf = (capture, indexes) => indexes.map((index) => site.texts[capture.segments[index][TEXT]]).join("\n\n");
  const headingOf = (capture, indexes) => (indexes.length ? site.paths[capture.segments[indexes[0]][PATH]].join(" › ") : "");
  yield ["site", "policy", "before", "after", "change", "moved", "likeness", "words_added", "words_removed", "segments_before", "segments_after",
    "heading_before", "heading_after", "text_before", "text_after", "archived_before", "archived_after"];
  for (const row of rows.filter(({ kind }) => kind !== "departure")) {
    yield [site.site, to.policy, from.day, to.day, row.kind, row.moved, row.kind === "rewritten" ? row.likeness.toFixed(2) : "", row.came, row.went, row.before.join(" "), row.after.join(" "),
      headingOf(from, row.before), headingOf(to, row.after), textOf(from, row.before), textOf(to, row.after), from.archive, to.archive];
  }
}

function modeSwitch(draw) {
  const buttons = Object.entries(MODES).map(([mode, words]) => make("button", { type: "button", value: mode, "aria-pressed": String(mode === diffMode()) }, words));
  const choose = (mode) => {
    remember("diff", mode);
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.value === mode));
    draw();
  };
  for (const button of buttons) button.addEventListener("click", () => choose(button.value));
  return make("span", { class: "group modes", role: "group", "aria-label": "How differences are shown" }, buttons);
}

function diffMode() {
  return remembered("diff") ?? (matchMedia(WIDE).matches ? "split" : "inline");
}

/* The differences, passage by passage */
function diffTable(site, before, after, rows) {
  const mode = diffMode();
  const days = [before, after].map((number) => captureName(site.captures[number]));
  const heads = mode === "split" ? days : [`${days[0]} → ${days[1]}`];
  const context = { site, before, after, mode, rows };
  return make("table", { class: `diff ${mode}` },
    make("thead", {}, make("tr", {}, heads.map((words) => make("th", { scope: "col" }, words)))),
    foldedBodies(context));
}

function foldedBodies(context) {
  const bodies = [];
  const { rows } = context;
  for (let place = 0; place < rows.length;) {
    let end = place;
    while (end < rows.length && rows[end].kind === "same") end++;
    if (end > place) bodies.push(foldedBody(context, rows.slice(place, end)));
    else bodies.push(...changedBodies(context, rows[end++]));
    place = end;
  }
  return bodies;
}

function foldedBody(context, rows) {
  const button = make("button", { type: "button" }, `Show ${plural(rows.length, "unchanged passage", "unchanged passages")}`);
  const body = make("tbody", { class: "fold" }, make("tr", {}, make("td", { colspan: columnCount(context) }, button)));
  button.addEventListener("click", () => {
    const shown = rows.flatMap((row) => changedBodies(context, row));
    body.replaceWith(...shown);
    shown[0].querySelector("th").focus();
  });
  return body;
}

function columnCount({ mode }) {
  return mode === "split" ? 2 : 1;
}

// A passage that moved is shown where it is now; where it was there is a line that leads there
function changedBodies(context, row) {
  if (row.kind === "departure") return [departure(context, row.of)];
  const head = make("th", { scope: "rowgroup", colspan: columnCount(context), tabindex: -1 }, make("b", {}, ROW_KIND_WORDS[row.kind]), row.moved && row.kind !== "moved" ? make("b", {}, " and moved") : "", likenessText(row), placesText(context, row), balanceText(row), arrivalText(context, row));
  const body = make("tbody", { class: row.kind }, make("tr", { class: "what" }, head), make("tr", {}, cells(context, row)));
  if (row.moved) context.arrivals = (context.arrivals ?? new Map()).set(row.before[0], body);
  return [body];
}

function likenessText({ kind, likeness }) {
  return kind === "rewritten" ? make("span", { title: "Cosine of their content words, heading and labels, weighted by rarity in the two captures" }, `, likeness ${likeness.toFixed(2)}`) : "";
}

function placesText({ site, before, after }, row) {
  const links = (number, indexes) => indexes.map((index) => make("a", { href: `#s${site.number}/c${number}/${index}`, "aria-label": `Segment ${index} of ${captureName(site.captures[number])}` }, index)).flatMap((link, place) => (place ? [", ", link] : [link]));
  const heading = (number, indexes) => (indexes.length ? site.paths[site.captures[number].segments[indexes[0]][PATH]].at(-1) ?? "" : "");
  const [old, young] = [heading(before, row.before), heading(after, row.after)];
  const names = [...new Set([old, young].filter(Boolean))].map((name) => make("bdi", {}, name)).flatMap((name, place) => (place ? [" → ", name] : [name]));
  return make("span", { class: "where" }, " · ", names, names.length ? " " : "", "(", links(before, row.before), row.before.length && row.after.length ? " → " : "", links(after, row.after), ")");
}

function balanceText(row) {
  if (row.kind === "same" || row.kind === "moved" || !(row.came || row.went)) return "";
  return make("span", { class: "balance" }, row.came ? make("span", { class: "came" }, `+${row.came}`) : "", row.came && row.went ? " " : "", row.went ? make("span", { class: "went" }, `−${row.went}`) : "", hiddenText(" words"));
}

function arrivalText(context, row) {
  if (!row.moved) return "";
  const go = () => context.departures?.get(row.before[0])?.querySelector("button").focus();
  return make("button", { type: "button", class: "go", on: { click: go } }, "where it was");
}

function departure(context, row) {
  const go = () => context.arrivals?.get(row.before[0])?.querySelector("th").focus();
  const button = make("button", { type: "button", class: "go", on: { click: go } }, "where it is now");
  const body = make("tbody", { class: "departure" }, make("tr", {}, make("td", { colspan: columnCount(context) }, "A passage stood here that moved", placesText(context, row), " ", button)));
  context.departures = (context.departures ?? new Map()).set(row.before[0], body);
  return body;
}

function cells(context, row) {
  const { site, before, after, mode } = context;
  const text = (number, words) => make("p", { class: "text", lang: site.captures[number].lang, dir: "auto" }, words);
  if (mode === "inline" || row.kind === "same" || row.kind === "moved") return make("td", { colspan: columnCount(context) }, text(after, marked(row.pieces, "both")));
  const side = (number, indexes, which) => (indexes.length ? make("td", { "data-day": captureName(site.captures[number]) }, text(number, marked(row.pieces, which))) : make("td", { class: "nothing" }, hiddenText("nothing")));
  return [side(before, row.before, "old"), side(after, row.after, "young")];
}

function marked(found, side) {
  return found.flatMap(({ op, old, young }) => {
    if (op === "same") return side === "old" ? old : young;
    if ((op === "del" && side === "young") || (op === "ins" && side === "old")) return [];
    return (old ?? young).split(/(\s*\n\s*|\s+$)/).map((words) => (words.trim() ? make(op, {}, words) : words));
  });
}
