/* ---- Find: passages and captures by words and filters, all of which are in the address ---- */

const FIND_ROUTE = /^#find(?:\?|$)/;
const DATE = /^\d{4}(-\d{2}(-\d{2})?)?$/;
const VERDICTS = ["usable", "doubtful", "unusable", "not looked at"];
const TYPING_PAUSE = 250; // milliseconds
let latestSearch = 0;
let lastEdited = "";

function emptyState() {
  return { q: "", practices: [], stance: "", term: "", site: "", from: "", to: "", verdict: "", uncertain: "", view: "", sort: "", page: 1, shown: PASSAGES_IN_SLICE };
}

// What an address asks for, and a sentence for each part of it that is not understood
function stateOf(hash) {
  const state = emptyState();
  const problems = [];
  const { practices, terms, sites: named } = captureList();
  const given = new URLSearchParams(hash.replace(FIND_ROUTE, ""));
  const known = {
    practice: practices, stance: Object.keys(STANCE_NAMES), term: terms.map((term) => term.id), site: named.map(([, name]) => name),
    verdict: VERDICTS, view: ["captures", "passages"], uncertain: ["1"],
    sort: given.get("view") === "captures" ? Object.keys(CAPTURE_COLUMNS).flatMap((name) => [name, `-${name}`]) : Object.keys(PASSAGE_ORDERS),
  };
  for (const [key, value] of given) {
    if (value === "") continue;
    const isCount = key === "page" || key === "shown";
    const isDate = key === "from" || key === "to";
    const choices = Object.hasOwn(known, key) && known[key];
    if (choices ? !choices.includes(value) : isDate ? !DATE.test(value) : isCount ? !/^[1-9]\d{0,6}$/.test(value) : key !== "q") problems.push(problemText(key, value, choices || isCount, isDate));
    else if (key === "practice") state.practices = [...new Set([...state.practices, value])];
    else if (key === "view") state.view = value === "captures" ? value : "";
    else state[key] = isCount ? Number(value) : value;
  }
  if (state.q && !parsedQuery(state.q).length) problems.push(`“${state.q}” has no letter or digit, so there is no word to search for.`);
  return { state, problems };
}

function problemText(key, value, isKnown, isDate) {
  if (isDate) return `“${value}” was left out of the filter: a date is a year, a month or a day, such as 2005, 2005-06 or 2005-06-30.`;
  return isKnown ? `“${value}” was left out of the filter: it is no ${key} of this report.` : `“${key}” was left out: there is no such filter.`;
}

function addressOf(state) {
  const words = new URLSearchParams();
  for (const [key, value] of Object.entries(state)) {
    if (key === "practices") for (const name of value) words.append("practice", name);
    else if (value !== emptyState()[key]) words.set(key, value);
  }
  const asked = String(words);
  return asked ? `#find?${asked}` : "#find";
}

// Shows Find as an address asks; if it is shown already, only what differs
function showFind({ isEdit = false } = {}) {
  const form = view.querySelector("#find-form") ?? buildFind();
  const { state, problems } = stateOf(location.hash);
  if (!isEdit) {
    fillForm(form, state);
    lastEdited = "";
  }
  document.title = `${[state.q, "Find"].filter(Boolean).join(" · ")} · ${view.dataset.title}`;
  showResults(form, state, problems);
}

function buildFind() {
  const form = findForm();
  const one = captureList().sites.length === 1 && view.dataset.home !== "#" ? ` in ${captureList().sites[0][1]}` : "";
  view.replaceChildren(
    make("header", {}, make("p", { class: "back" }, make("a", { href: view.dataset.home }, "← All sites"), one ? [" · ", make("a", { href: `#s${captureList().sites[0][0]}` }, captureList().sites[0][1])] : ""), make("h1", { tabindex: -1 }, `Find${one}`)),
    form, make("div", { id: "results" }));
  let waiting;
  const edit = (name) => {
    clearTimeout(waiting);
    if (!form.isConnected) return; // the reader went on while it waited
    const state = { ...stateOf(location.hash).state, ...formState(form), page: 1, shown: PASSAGES_IN_SLICE };
    goTo(state, { isSameEdit: name === lastEdited });
    lastEdited = name;
    showFind({ isEdit: true }); // a date that is being typed stays in its field
  };
  form.addEventListener("input", ({ target }) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => edit(target.name), target.matches("input:not([type=checkbox])") ? TYPING_PAUSE : 0);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    edit(lastEdited);
  });
  form.addEventListener("reset", () => setTimeout(() => edit("reset")));
  return form;
}

// What is typed into one field is one step back
function goTo(state, { isSameEdit }) {
  const address = addressOf(state);
  if (address === location.hash) return;
  if (isSameEdit) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
}

function findForm() {
  const { practices, sites: named, terms, rows } = captureList();
  const years = rows.map((row) => row.day.slice(0, 4)).filter(Boolean).sort();
  const groups = Map.groupBy ? Map.groupBy(terms, (term) => term.group) : terms.reduce((all, term) => all.set(term.group, [...(all.get(term.group) ?? []), term]), new Map());
  const date = (name, words, year) => make("label", {}, `${words} `, make("input", { name, inputmode: "numeric", maxlength: 10, size: 10, autocomplete: "off", placeholder: year }));
  return make("form", { id: "find-form", role: "search", "aria-label": "Find" },
    make("label", { class: "words" }, "Words ", make("input", { type: "search", name: "q", autocomplete: "off", "aria-describedby": "find-help" })),
    make("button", {}, "Find"),
    make("p", { class: "note", id: "find-help" }, "A word finds words that begin with it; “words in quotes” are found as they are, in this order. Several must stand in one segment. Capitals and accents do not matter."),
    make("fieldset", {}, make("legend", {}, "With all of"), practices.map((name) => make("label", { class: `chip ${name}` }, make("input", { type: "checkbox", name: "practice", value: name }), ` ${capital(name)}`)),
      make("label", {}, hiddenText("What they say of it"), " ", make("select", { name: "stance" }, option("", "mentioned"), Object.entries(STANCE_NAMES).map(([value, words]) => option(value, words))))),
    terms.length ? make("label", {}, "Term ", make("select", { name: "term" }, option("", "any"), [...groups].map(([group, members]) => make("optgroup", { label: group }, members.map((term) => option(term.id, term.label)))))) : "",
    named.length > 1 ? make("label", {}, "Site ", make("select", { name: "site" }, option("", "all"), named.map(([, name]) => option(name, name)))) : "",
    date("from", "From", years[0]), date("to", "to", years.at(-1)),
    make("label", {}, "Verdict ", make("select", { name: "verdict" }, option("", "any"), VERDICTS.map((word) => option(word, word)))),
    make("label", {}, make("input", { type: "checkbox", name: "uncertain" }), " uncertain"),
    make("button", { type: "reset" }, "Clear"),
    make("output", { name: "count" }));
}

function option(value, words, selected) {
  const choice = make("option", { selected }, words);
  choice.value = value; // "" too
  return choice;
}

function formState(form) {
  const value = (name) => form.elements[name]?.value.trim() ?? "";
  const values = Object.fromEntries(["q", "stance", "term", "site", "from", "to", "verdict"].map((name) => [name, value(name)]));
  return { ...values, practices: [...form.querySelectorAll("[name=practice]:checked")].map((box) => box.value), uncertain: form.elements.uncertain.checked ? "1" : "" };
}

function fillForm(form, state) {
  for (const name of ["q", "stance", "term", "site", "from", "to", "verdict"]) {
    const field = form.elements[name];
    if (field) field.value = state[name];
  }
  for (const box of form.querySelectorAll("[name=practice]")) box.checked = state.practices.includes(box.value);
  form.elements.uncertain.checked = state.uncertain === "1";
}

async function showResults(form, state, problems) {
  const results = view.querySelector("#results");
  const search = ++latestSearch;
  const change = (part, { redraw = true } = {}) => {
    const focused = document.activeElement.dataset.keep;
    goTo({ ...state, ...part }, { isSameEdit: !redraw });
    Object.assign(state, part);
    lastEdited = "";
    if (redraw) showResults(form, state, problems).then(() => (results.querySelector(`[data-keep="${focused}"]:enabled`) ?? results.querySelector(".pages button:enabled"))?.focus());
  };
  const parts = await resultParts(state, change, () => search === latestSearch, (words) => { form.elements.count.value = words; });
  if (!parts) return;
  form.elements.count.value = parts.count;
  results.replaceChildren(...problems.map((words) => make("p", { class: "warning" }, words)), findTabs(state), parts.part);
}

function findTabs(state) {
  const href = (name) => addressOf({ ...state, view: name, sort: "", page: 1, shown: PASSAGES_IN_SLICE });
  return make("nav", { "aria-label": "Views of what was found" }, make("ul", { class: "tabs" },
    [["", view.dataset.folder ? "Sites" : "Passages"], ["captures", "Captures"]].map(([name, words]) => make("li", {}, make("a", { href: href(name), "aria-current": state.view === name && "page" }, words)))));
}

async function resultParts(state, change, isLatest, tell) {
  const { rows } = captureList();
  const hasTexts = !view.dataset.folder;
  const hasQuery = parsedQuery(state.q).length > 0;
  if (state.view === "captures") {
    const passages = hasTexts && hasQuery ? await findPassages(state, isLatest, tell) : [];
    if (!passages) return undefined;
    const left = matchingCaptures(state, passages);
    return { count: `${left.length.toLocaleString("en")} of ${plural(rows.length, "capture", "captures")}`, part: capturesPart(left, state, change) };
  }
  if (!hasTexts) return sitesPart(state);
  if (!hasQuery && !state.practices.length && !state.stance && !state.term && !state.uncertain) return { count: "", part: make("section", {}, make("h2", { class: "quiet" }, "Passages"), make("p", { class: "lead" }, "Write some words, or choose a practice or a term, to see the passages.")) };
  const passages = await findPassages(state, isLatest, tell);
  return passages && { count: passagesCount(passages), part: passages.length ? passagesPart(passages, state, change) : make("section", {}, make("h2", { class: "quiet" }, "Passages"), make("p", { class: "lead" }, "No passage matches all of this. Leave a filter out, or look at ", make("a", { href: addressOf({ ...state, view: "captures", sort: "" }) }, "the captures"), ".")) };
}

function passagesCount(passages) {
  const matches = passages.reduce((sum, { spans }) => sum + spans.length, 0);
  const captures = new Set(passages.flatMap(({ site, places }) => places.map(([capture]) => `${site.number}/${capture}`)));
  const of = new Set(passages.map(({ site }) => site.number));
  return `${plural(matches, "match", "matches")} in ${plural(passages.length, "passage", "passages")}, ${plural(captures.size, "capture", "captures")}, ${plural(of.size, "site", "sites")}`;
}

/* The overview of a large corpus has no texts: it says which sites to search */

function sitesPart(state) {
  const query = parsedQuery(state.q);
  const within = query.length ? sitesWithWords(query) : undefined;
  const fitting = captureList().rows.filter((row) => captureFits(row, state) && contentFits(row, state) && (!within || within.has(row.site)));
  const counts = new Map();
  for (const row of fitting) counts.set(row.site, (counts.get(row.site) ?? 0) + 1);
  const named = new Map(captureList().sites.map(([number, name]) => [Number(number), name]));
  const href = (number) => `${view.dataset.folder}${number}.html${addressOf({ ...state, site: "", sort: "" })}`;
  const table = make("table", { class: "values" },
    make("thead", {}, make("tr", {}, ["Site", "Captures that fit", "Passages"].map((words) => make("th", { scope: "col" }, words)))),
    make("tbody", {}, [...counts].map(([number, count]) => make("tr", {}, make("th", { scope: "row" }, make("a", { href: siteHref(number) }, named.get(number))), make("td", {}, count.toLocaleString("en")), make("td", {}, make("a", { href: href(number) }, "Find", hiddenText(` in ${named.get(number)}`)))))));
  const note = within || !query.length
    ? "This report has a page for each site, and passages are found there. Here are the sites whose policies have all the words, not necessarily in one passage."
    : "This report has a page for each site, and passages are found there. The corpus is too large for a list of its words, so all sites that fit the other filters are here.";
  return { count: `${counts.size.toLocaleString("en")} of ${plural(named.size, "site", "sites")}`, part: make("section", {}, make("h2", { id: "sites-found" }, "Sites"), make("p", { class: "note" }, note), make("p", { class: "downloads" }, downloadButton(table, "sites-found.csv")), make("div", { class: "scroll", role: "region", "aria-labelledby": "sites-found", tabindex: 0 }, table)) };
}

// The sites that have each word of a query, by what word_index.py wrote; undefined if there is no such index
function sitesWithWords(query) {
  const { words, sites: places } = wordIndex() ?? {};
  if (!words) return undefined;
  const ofToken = (token, isWhole) => {
    const numbers = new Set();
    words.forEach((word, place) => {
      if (!(isWhole ? word === token : UNSPACED.test(token) ? word.includes(token) : word.startsWith(token))) return;
      places[place].split(" ").reduce((last, gap) => {
        const number = last + parseInt(gap, 36);
        numbers.add(number);
        return number;
      }, 0);
    });
    return numbers;
  };
  const sets = query.flatMap(({ tokens, isWhole }) => tokens.map((token, place) => ofToken(token, (isWhole || place < tokens.length - 1) && !UNSPACED.test(token))));
  return new Set([...sets[0]].filter((number) => sets.every((one) => one.has(number))));
}

let indexed;
function wordIndex() {
  const block = document.getElementById("words");
  if (!indexed && block) {
    const { words, sites: places } = JSON.parse(block.textContent);
    indexed = { words: words.split(" "), sites: places };
  }
  return indexed;
}

function prepareFindBox() {
  const box = document.getElementById("find-box");
  box?.addEventListener("submit", (event) => {
    event.preventDefault();
    location.hash = addressOf({ ...emptyState(), q: box.elements.q.value.trim() });
    box.reset();
  });
}
