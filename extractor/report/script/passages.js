/* ---- passages in context ---- */

const PASSAGES_IN_SLICE = 100;
const CONTEXT_SHOWN = 110; // characters on either side
const CONTEXT_SAVED = 200;
const SEARCH_PAUSE = 40; // milliseconds between two looks at what else the reader does
const PASSAGE_ORDERS = { "": "site", date: "date of first capture", left: "words to the left", right: "words to the right" };
let found = { key: "", passages: [] };

// Finds all passages, site by site so that the page stays usable; undefined if another search began meanwhile
async function findPassages(state, isLatest, tell) {
  const key = JSON.stringify([state.q, state.practices, state.stance, state.term, state.site, state.from, state.to, state.verdict, state.uncertain]);
  if (found.key === key) return found.passages;
  const query = parsedQuery(state.q);
  const term = state.term ? termByName(state.term).number : undefined;
  const numbers = [...new Set(captureList().rows.filter((row) => captureFits(row, state)).map((row) => row.site))];
  const passages = [];
  let last = performance.now();
  for (const [done, number] of numbers.entries()) {
    if (performance.now() - last > SEARCH_PAUSE) {
      tell(`Searching: ${done} of ${plural(numbers.length, "site", "sites")}`);
      await new Promise((resume) => setTimeout(resume));
      if (!isLatest()) return undefined;
      last = performance.now();
    }
    for (const passage of passagesOf(siteByNumber(String(number)), query, term, segmentFilter(state))) passages.push(passage);
  }
  found = { key, passages };
  return passages;
}

function segmentFilter(state) {
  const { byPlace } = captureList();
  return (site, capture, index) => {
    const row = byPlace.get(`${site.number}/${capture}`);
    if (!captureFits(row, state)) return false;
    const segment = site.captures[capture].segments[index];
    return (!state.uncertain || segment[UNCERTAIN] === 1) && (!state.term || row.labelled) && stanceFits(segmentPolarities(site, segment, row.labelled), state);
  };
}

function segmentPolarities(site, segment, labelled) {
  return site.practices.map((_, place) => (labelled && segment[PRACTICE_BITS] >> place & 1 ? segment[POLARITY][place] ?? "does" : ""));
}

// A line for each place of the first word; lines are made before they are sorted, cells when they are shown
function passageLines(passages, sort) {
  const lines = passages.flatMap((passage) => passage.spans.map((span) => ({ passage, span })));
  if (sort === "date") return keySorted(lines, ({ passage: { site, places } }) => site.captures[places[0][0]].time);
  if (sort === "left") return keySorted(lines, ({ passage: { site, text }, span: [from] }) => folded(site.texts[text].slice(Math.max(0, from - CONTEXT_SHOWN), from)).match(FOLDED_WORD)?.reverse().join(" ") ?? "");
  if (sort === "right") return keySorted(lines, ({ passage: { site, text }, span: [, to] }) => folded(site.texts[text].slice(to, to + CONTEXT_SHOWN)).match(FOLDED_WORD)?.join(" ") ?? "");
  return lines;
}

function keySorted(lines, key) {
  return lines.map((line) => [key(line), line]).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, line]) => line);
}

function passagesPart(passages, state, change) {
  const query = parsedQuery(state.q);
  const lines = passageLines(passages, state.sort);
  const body = make("tbody", {});
  const more = make("button", { type: "button" });
  const show = (count) => {
    const start = body.rows.length;
    body.append(...lines.slice(start, count).map((line) => passageRow(line, query)));
    const left = lines.length - body.rows.length;
    more.hidden = left <= 0;
    more.textContent = `Show ${Math.min(left, PASSAGES_IN_SLICE).toLocaleString("en")} more of ${left.toLocaleString("en")}`;
    return body.rows[start];
  };
  show(state.shown);
  more.addEventListener("click", () => {
    const shown = body.rows.length + PASSAGES_IN_SLICE;
    show(shown)?.querySelector("a").focus();
    change({ shown }, { redraw: false });
  });
  const order = make("select", { "data-keep": "order", on: { change: () => change({ sort: order.value, shown: PASSAGES_IN_SLICE }) } }, Object.entries(PASSAGE_ORDERS).map(([value, words]) => option(value, words, value === state.sort)));
  return make("section", {}, make("h2", { id: "passages-head" }, "Passages"),
    make("p", { class: "note" }, passagesNote(query)),
    make("div", { class: "bar" }, make("label", {}, "Sorted by ", order), rowsDownloadButton(() => passageValues(passages), "passages.csv")),
    passageCounts(passages, state),
    make("div", { class: "scroll", role: "region", "aria-labelledby": "passages-head", tabindex: 0 },
      make("table", { class: "kwic" },
        make("thead", {}, make("tr", {}, ["Where", "Left", "Match", "Right", "Practices"].map((words) => make("th", { scope: "col" }, words)))), body)),
    make("p", {}, more));
}

function passagesNote(query) {
  const same = "The same passage in several captures of a site is shown once, with the first and the last of them.";
  return query.length > 1 ? `The first word or phrase is in the middle; the others stand in the same segment. ${same}` : same;
}

function passageRow({ passage, span: [from, to] }, query) {
  const { site, text, places } = passage;
  const [capture, index] = places[0];
  const { lang } = site.captures[capture];
  const words = site.texts[text];
  const others = query.slice(1).flatMap((part) => partSpans(words, part));
  const head = wordsBefore(words, from, CONTEXT_SHOWN);
  const tail = wordsAfter(words, to, CONTEXT_SHOWN);
  const link = make("a", { href: `#s${site.number}/c${capture}/${index}`, lang, dir: "auto" }, to > from ? oneLine(words.slice(from, to)) : "Read it");
  return make("tr", {},
    make("td", { class: "where" }, make("a", { href: `#s${site.number}` }, site.site), make("small", {}, policyNames(site, places), datesOf(site, text, places, words))),
    make("td", { class: "left" }, make("div", {}, make("span", { lang, dir: "auto" }, markedContext(words, head, from, others)))),
    make("td", { class: "match" }, link),
    make("td", { class: "right" }, make("div", {}, make("span", { lang, dir: "auto" }, markedContext(words, to, tail, others)))),
    make("td", { class: "found" }, practicesOf(site, passage)));
}

// Contexts begin and end with whole words, if these are not too long
function wordsBefore(words, from, most) {
  const start = Math.max(0, from - most);
  const gap = start ? words.slice(start, from).search(/\s/) : 0;
  return start + Math.max(gap, 0);
}

function wordsAfter(words, to, most) {
  const end = Math.min(words.length, to + most);
  const gap = end < words.length ? words.slice(to, end).search(/\s\S*$/) : end - to;
  return gap < 0 ? end : to + gap;
}

function markedContext(words, from, to, spans) {
  const parts = [];
  let at = from;
  for (const [start, end] of spans.filter(([start, end]) => from <= start && end <= to).sort(([a], [b]) => a - b)) {
    if (start < at) continue;
    parts.push(oneLine(words.slice(at, start)), make("mark", {}, oneLine(words.slice(start, end))));
    at = end;
  }
  return [...parts, oneLine(words.slice(at, to))];
}

function oneLine(words) {
  return words.replace(/\s+/g, " ");
}

function policyNames(site, places) {
  const names = new Set(places.map(([capture]) => site.captures[capture].policy));
  return new Set(site.captures.map((capture) => capture.policy)).size > 1 ? `${[...names].join(", ")} ` : "";
}

// "2005-03-01 to 2013-07-04, 9 captures", and of how many if some between do not have it
function datesOf(site, text, places, quoted) {
  const captures = [...new Map(places.map((place) => [place[0], place])).values()];
  const link = ([capture, index]) => {
    const archived = archiveLink(site.captures[capture], "archived", quoted);
    return [make("a", { href: `#s${site.number}/c${capture}/${index}` }, captureName(site.captures[capture])), archived && " ", archived];
  };
  if (captures.length === 1) return link(captures[0]);
  const policies = new Set(captures.map(([capture]) => site.captures[capture].policy));
  const between = site.captures.slice(captures[0][0], captures.at(-1)[0] + 1).filter((capture) => policies.has(capture.policy)).length;
  return [...link(captures[0]), " to ", ...link(captures.at(-1)), `, ${captures.length === between ? "" : `${captures.length} of `}${plural(between, "capture", "captures")}`];
}

function practicesOf(site, { places }) {
  return site.practices.map((name, place) => {
    const polarities = new Set(places.map(([capture, index]) => segmentPolarities(site, site.captures[capture].segments[index], site.captures[capture].labelled)[place]));
    polarities.delete("");
    if (!polarities.size) return "";
    const denied = polarities.size === 1 && POLARITY_WORDS[[...polarities][0]];
    return make("span", { class: `chip ${name}${denied ? " denied" : ""}` }, capital(name), denied ? make("i", {}, ` ${denied}`) : "");
  });
}

function passageCounts(passages, state) {
  const fold = make("details", {}, make("summary", {}, "Counts by year and by site"));
  fold.addEventListener("toggle", () => {
    const captures = captureList().rows.filter((row) => captureFits(row, state));
    fold.append(make("div", { class: "counts" }, countTable("year", "Year", captures, passages, (row) => row.day.slice(0, 4) || "no date"), countTable("site", "Site", captures, passages, (row) => row.name)));
  }, { once: true });
  return fold;
}

// A match counts once for each capture that it stands in
function countTable(name, title, captures, passages, groupOf) {
  const groups = new Map();
  for (const row of captures) {
    const key = groupOf(row);
    if (!groups.has(key)) groups.set(key, { captures: 0, matches: 0, found: new Set() });
    groups.get(key).captures++;
  }
  const { byPlace } = captureList();
  for (const { site, places, spans } of passages) {
    for (const [capture] of places) {
      const group = groups.get(groupOf(byPlace.get(`${site.number}/${capture}`)));
      group.matches += spans.length;
      group.found.add(`${site.number}/${capture}`);
    }
  }
  const rows = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, group]) => [key, group.matches, group.found.size, group.captures]);
  const columns = [title, "Matches", "Captures with a match", "Captures"];
  const table = make("table", { class: "values" },
    make("caption", {}, `Matches by ${name}`),
    make("thead", {}, make("tr", {}, columns.map((words) => make("th", { scope: "col" }, words)))),
    make("tbody", {}, rows.map(([key, ...counts]) => make("tr", {}, make("th", { scope: "row" }, key), counts.map((count) => make("td", {}, count.toLocaleString("en")))))));
  return make("div", {}, make("div", { class: "scroll", role: "region", "aria-label": `Matches by ${name}`, tabindex: 0 }, table), make("p", { class: "downloads" }, downloadButton(table, `matches-by-${name}.csv`)));
}

// Each match in each capture that it stands in
function* passageValues(passages) {
  yield ["site", "policy", "capture", "date", "segment", "left", "match", "right", "practices", "polarities", "archived"];
  for (const { site, text, places, spans } of passages) {
    const words = site.texts[text];
    for (const [number, index] of places) {
      const capture = site.captures[number];
      const polarities = segmentPolarities(site, capture.segments[index], capture.labelled);
      const practices = site.practices.filter((_, place) => polarities[place]);
      for (const [from, to] of spans) {
        yield [site.site, capture.policy, capture.id, capture.day, index,
          ...[words.slice(wordsBefore(words, from, CONTEXT_SAVED), from), words.slice(from, to), words.slice(to, wordsAfter(words, to, CONTEXT_SAVED))].map((part) => oneLine(part).trim()),
          practices.join(" "), polarities.filter(Boolean).join(" "), capture.archive];
      }
    }
  }
}
