/* ---- the captures of a page as a table ---- */

const CAPTURES_IN_SLICE = 100;
const STANCE_NAMES = { does: "done", denies: "only denied", mixed: "in part denied" };
const STANCES = {
  "": (polarity) => polarity !== "",
  does: (polarity) => polarity !== "" && polarity !== "does_not", // as `has_stance` in stances.py
  denies: (polarity) => polarity === "does_not",
  mixed: (polarity) => polarity === "mixed",
};
const CAPTURE_COLUMNS = {
  site: { title: "Site", value: (row) => row.name },
  captured: { title: "Captured", value: (row) => row.day },
  title: { title: "Title", value: (row) => row.title },
  verdict: { title: "Verdict", value: (row) => row.verdict },
  segments: { title: "Segments", value: (row) => row.segments, number: true },
  uncertain: { title: "Uncertain", value: (row) => (row.labelled ? row.uncertain : -1), number: true },
};
let listed;

// What capture_list.py wrote
function captureList() {
  if (listed) return listed;
  const data = JSON.parse(document.getElementById("captures").textContent);
  const rows = data.rows.map(([site, index, day, title, lang, url, verdict, labelled, segments, uncertain, policy, counts, polarities, terms]) => ({
    site, index, day, name: data.sites[site], title: data.strings[title], lang: data.strings[lang], url: data.strings[url], verdict: data.verdicts[verdict],
    labelled: Boolean(labelled), segments, uncertain, policy: data.strings[policy], counts, polarities: Array.from(polarities, (digit) => data.polarities[digit]), terms: data.strings[terms],
  }));
  for (const [place, name] of data.practices.entries()) CAPTURE_COLUMNS[name] = { title: capital(name), value: (row) => row.counts[place] ?? -1, number: true };
  const terms = data.terms.map(([number, id, label, group]) => ({ number, id, label, group }));
  listed = { practices: data.practices, sites: Object.entries(data.sites), rows, terms, byPlace: new Map(rows.map((row) => [`${row.site}/${row.index}`, row])) };
  return listed;
}

function captureHref(row) {
  return `${siteHref(row.site)}/c${row.index}`;
}

function siteHref(number) {
  return view.dataset.folder ? `${view.dataset.folder}${number}.html#s${number}` : `#s${number}`;
}

// What can be asked of a capture without its text
function captureFits(row, state) {
  return (!state.site || row.name === state.site)
    && (!state.from || row.day.slice(0, state.from.length) >= state.from)
    && (!state.to || (row.day !== "" && row.day.slice(0, state.to.length) <= state.to))
    && (!state.verdict || (state.verdict === "not looked at" ? !row.labelled : row.verdict === state.verdict));
}

// What is asked of a segment in the table of passages, and of all segments of a capture together here
function contentFits(row, state) {
  const term = state.term && termByName(state.term).number;
  return (!state.uncertain || (row.labelled && row.uncertain > 0))
    && state.practices.every((name) => row.counts[captureList().practices.indexOf(name)] > 0)
    && stanceFits(row.polarities, state)
    && (!state.term || hasTerm(row.terms, term));
}

// Without a practice, a stance is asked of any practice
function stanceFits(polarities, state) {
  const fits = STANCES[state.stance];
  if (state.practices.length) return state.practices.every((name) => fits(polarities[captureList().practices.indexOf(name)] ?? ""));
  return !state.stance || polarities.some(fits);
}

function termByName(id) {
  return captureList().terms.find((term) => term.id === id);
}

function hasTerm(digits, number) {
  return Boolean(parseInt(digits.at(-1 - (number >> 2)) ?? "0", 16) >> (number & 3) & 1);
}

// Captures that are named by the words, and those that have a passage with them
function matchingCaptures(state, passages) {
  const words = folded(state.q).replace(/["“”„«»]/g, " ").split(/\s+/).filter(Boolean);
  const withPassage = new Set(passages.flatMap(({ site, places }) => places.map(([capture]) => `${site.number}/${capture}`)));
  return captureList().rows.filter((row) => captureFits(row, state) && (withPassage.has(`${row.site}/${row.index}`) || (contentFits(row, state) && isNamed(row, words))));
}

function isNamed(row, words) {
  if (!words.length) return true;
  const names = folded(`${row.name} ${row.title} ${row.url} ${row.policy}`);
  return words.every((word) => names.includes(word));
}

function sortedCaptures(rows, sort) {
  if (!sort) return rows;
  const column = CAPTURE_COLUMNS[sort.replace("-", "")];
  const order = new Intl.Collator("en", { numeric: true }).compare;
  const compare = column.number ? (a, b) => a - b : order;
  const sign = sort.startsWith("-") ? -1 : 1;
  return rows.map((row) => [column.value(row), row]).sort(([a], [b]) => sign * compare(a, b)).map(([, row]) => row);
}

function capturesPart(rows, state, change) {
  const sorted = sortedCaptures(rows, state.sort);
  const pages = Math.max(1, Math.ceil(rows.length / CAPTURES_IN_SLICE));
  const page = Math.min(state.page, pages);
  const start = (page - 1) * CAPTURES_IN_SLICE;
  const steps = pages === 1 ? "" : make("nav", { class: "pages", "aria-label": "Pages of the table" },
    make("button", { type: "button", "data-keep": "previous", disabled: page === 1, on: { click: () => change({ page: page - 1 }) } }, "← Previous"),
    make("span", {}, `${(start + 1).toLocaleString("en")} to ${Math.min(start + CAPTURES_IN_SLICE, rows.length).toLocaleString("en")} of ${rows.length.toLocaleString("en")}`),
    make("button", { type: "button", "data-keep": "next", disabled: page === pages, on: { click: () => change({ page: page + 1 }) } }, "Next →"));
  return make("section", {}, make("h2", { id: "captures-head" }, "Captures"),
    make("p", { class: "note" }, "A number says in how many segments a practice was found, a dash that it was found in none; with “no”, all of them only say that it is not done. “Not looked at” says that nobody looked, as the page is unusable or not in English: it is no finding."),
    make("div", { class: "bar" }, steps, rowsDownloadButton(() => captureValues(sorted), "captures.csv")),
    make("div", { class: "scroll", role: "region", "aria-labelledby": "captures-head", tabindex: 0 },
      make("table", { class: "captures sortable" },
        make("thead", {}, make("tr", {}, Object.entries(CAPTURE_COLUMNS).map(([name, column]) => captureHeader(name, column, state.sort, change)))),
        make("tbody", {}, sorted.slice(start, start + CAPTURES_IN_SLICE).map(captureRow)))));
}

function captureHeader(name, { title, number }, sort, change) {
  const direction = { [name]: "ascending", [`-${name}`]: "descending" }[sort];
  const next = direction ? (direction === "ascending" ? `-${name}` : name) : number ? `-${name}` : name;
  return make("th", { scope: "col", "aria-sort": direction }, make("button", { type: "button", "data-keep": name, on: { click: () => change({ sort: next, page: 1 }) } }, title));
}

function captureRow(row) {
  const title = make("td", { class: "title", lang: row.lang || "en", dir: "auto" }, row.title || "Untitled page", row.policy && make("small", {}, row.policy));
  const found = row.labelled ? [make("td", {}, row.uncertain || "–"), captureList().practices.map((name, place) => practiceCell(row, name, place))] : make("td", { colspan: 6, class: "unlooked" }, "not looked at");
  const stored = siteByNumber(String(row.site))?.captures[row.index]; // unless the site is on another page
  return make("tr", {},
    make("th", { scope: "row" }, make("a", { href: siteHref(row.site) }, row.name)),
    make("td", { class: "captured" }, make("a", { href: captureHref(row) }, row.day || "no date", hiddenText(` of ${row.name}`)), " ", stored ? archiveLink(stored, "archived") : ""),
    title, make("td", { class: row.verdict }, row.verdict), make("td", {}, row.segments), found);
}

function practiceCell(row, name, place) {
  const denied = row.polarities[place] === "does_not";
  const mark = row.counts[place] ? make("span", { class: `mark ${name}${denied ? " denied" : ""}` }, row.counts[place], denied ? " no" : "") : "–";
  return make("td", { class: name, "data-label": capital(name) }, mark);
}

function* captureValues(rows) {
  const { practices } = captureList();
  yield ["site", "policy", "date", "title", "language", "url", "verdict", "labelled", "segments", "uncertain", ...practices.flatMap((name) => [name, `${name}_polarity`])];
  for (const row of rows) {
    const found = practices.flatMap((_, place) => (row.labelled ? [row.counts[place], row.polarities[place]] : ["", ""]));
    yield [row.name, row.policy || row.name, row.day, row.title, row.lang, row.url, row.verdict, row.labelled, row.segments, row.labelled ? row.uncertain : "", ...found];
  }
}
