"use strict";
// Text of policies enters the page as text nodes and as values of attributes, never as markup:
// the page's own Content-Security-Policy (trusted types 'none') refuses everything else.
const ROUTE = /^#s(\d+)(?:\/c(\d+)(?:\/(\d+))?|\/d(\d+)-(\d+))?$/;
const UNSHOWABLE = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u206f\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff]|\p{Cs}/gu;
const TOKEN = /[\p{L}\p{N}\p{M}_]+(?:['’][\p{L}\p{N}_]+)*[^\p{L}\p{N}_]*|[^\p{L}\p{N}_]+/gu;
const MAX_EDITS = 1500; // words that differ between two passages; with more they are shown as entirely different
const MIN_GAP_DAYS = 400;
const QUOTE_CONTEXT = 40; // characters before and after a quotation
const [TEXT, PATH, CONTEXT_TEXT, PRACTICE_BITS, UNCERTAIN, START, PASSAGE, SCORES, CATEGORIES, EVIDENCE, POLARITY, TYPES] = Array(12).keys();
const POLARITY_WORDS = { does_not: "denied", mixed: "in part denied", unclear: "denied?" };
const STANCE_SELECTORS = { any: "", does: ":not(.denied)", "denies only": ".denied" };
const [STORY, KIND, BEFORE, AFTER, SEGMENTS_BEFORE, SEGMENTS_AFTER, SENTENCE, REMOVED_WORDS, ADDED_WORDS, CONFIDENCE, SPANS_BEFORE, SPANS_AFTER] = Array(12).keys();
const PASSAGE_EVENT_WORDS = { added: "added", removed: "removed", edited: "reworded", moved: "moved", split: "split", merged: "merged" };
const ROW_KIND_WORDS = { added: "new", removed: "gone", edited: "reworded", moved: "moved", split: "split", merged: "merged", same: "same" };

const view = document.getElementById("view");
const overview = document.getElementById("overview");
const sites = new Map();
const shown = { scores: false };

addEventListener("hashchange", () => showRoute(true));
document.querySelector(".skip").addEventListener("click", skipToContent);
if (overview) prepareOverview();
else if (!ROUTE.test(location.hash)) location.replace("#" + document.querySelector("script[id]").id.replace("ite-", ""));
showRoute(false);

/* ---- elements ---- */

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name === "on") for (const [kind, listener] of Object.entries(value)) element.addEventListener(kind, listener);
    else if (value !== undefined && value !== "" && value !== false) element.setAttribute(name, value === true ? "" : replaceUnshowable(value));
  }
  element.append(...children.flat(3).filter((child) => child !== undefined && child !== "").map((child) => (child instanceof Node ? child : replaceUnshowable(child))));
  return element;
}

function replaceUnshowable(value) {
  return String(value).replace(UNSHOWABLE, "\ufffd");
}

function plural(number, one, more) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : more}`;
}

function hiddenText(words) {
  return make("span", { class: "quiet" }, words);
}

/* ---- navigation ---- */

function showRoute(moved) {
  const found = location.hash.match(ROUTE);
  const site = found && siteByNumber(found[1]);
  view.hidden = !site;
  if (overview) overview.hidden = Boolean(site);
  if (site) showSite(site, found.slice(2).map((part) => (part === undefined ? undefined : Number(part))));
  else showOverview();
  if (moved && !(found && found[3])) focusHeading(site ? view : overview);
}

// By default the link would put #main in the address, which says what view is shown
function skipToContent(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

function focusHeading(part) {
  part?.querySelector("h1")?.focus({ preventScroll: true });
  scrollTo(0, 0);
}

function showOverview() {
  document.title = view.dataset.title;
  view.replaceChildren();
}

function siteByNumber(number) {
  if (!sites.has(number)) {
    const block = document.getElementById(`site-${number}`);
    sites.set(number, block && { number, ...JSON.parse(block.textContent) });
  }
  return sites.get(number);
}

function showSite(site, [capture, segment, before, after]) {
  const known = [capture, before, after].every((place) => place === undefined || site.captures[place]);
  const part = !known ? missingCapture(site) : before !== undefined && !samePolicy(site, before, after) ? differentPolicies(site) : capture !== undefined ? captureView(site, capture) : before !== undefined ? comparisonView(site, before, after) : changesView(site);
  document.title = `${replaceUnshowable(site.site)} · ${view.dataset.title}`;
  view.replaceChildren(siteHeader(site), ...timelines(site, [capture, before, after]), tabs(site, capture, before, after), part);
  const target = segment !== undefined && document.getElementById(`segment-${segment}`);
  if (target) {
    target.classList.add("target");
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "center" });
  }
}

function missingCapture(site) {
  return make("p", { class: "warning" }, "There is no such capture of this site. ", make("a", { href: `#s${site.number}` }, "See those there are."));
}

// Captures of two policies are not compared
function samePolicy(site, before, after) {
  return timelineRows(site).some((row) => row.includes(before) && row.includes(after));
}

function differentPolicies(site) {
  return make("p", { class: "warning" }, "These are captures of two policies, which are not compared. ", make("a", { href: `#s${site.number}` }, "See what changed in each."));
}

function siteHeader(site) {
  const days = site.captures.map((capture) => day(capture)).filter(Boolean);
  const period = days.length ? `, ${[...new Set([days[0], days.at(-1)])].join(" to ")}` : "";
  return make("header", {},
    make("p", { class: "back" }, make("a", { href: view.dataset.home }, "← All sites")),
    make("h1", { tabindex: -1 }, site.site),
    make("p", { class: "lead" }, plural(site.captures.length, "capture", "captures"), period));
}

function tabs(site, capture, before, after) {
  const at = capture ?? after ?? latestLabelled(site);
  const pair = before === undefined ? neighbouringPair(site, at) : [before, after];
  const here = capture !== undefined ? 1 : before !== undefined ? 2 : 0;
  const links = [["What changed", `#s${site.number}`], ["Read", `#s${site.number}/c${at}`]];
  if (pair) links.push(["Compare", `#s${site.number}/d${pair[0]}-${pair[1]}`]);
  return make("nav", { "aria-label": "Views of this site" },
    make("ul", { class: "tabs" }, links.map(([name, href], place) => make("li", {}, make("a", { href, "aria-current": place === here && "page" }, name)))));
}

function latestLabelled(site) {
  const looked = site.captures.findLastIndex((capture) => capture.labelled);
  return looked < 0 ? site.captures.length - 1 : looked;
}

function neighbouringPair(site, at) {
  for (const story of site.stories) {
    const place = story.indexOf(at);
    if (place > 0) return [story[place - 1], at];
    if (place === 0 && story.length > 1) return [at, story[1]];
  }
  const row = timelineRows(site).find((captures) => captures.includes(at)) ?? [];
  const place = row.indexOf(at);
  return row.length < 2 ? undefined : place > 0 ? [row[place - 1], at] : [at, row[1]];
}

function day(capture) {
  return capture.time && `${capture.time.slice(0, 4)}-${capture.time.slice(4, 6)}-${capture.time.slice(6, 8)}`;
}

function captureName(capture) {
  return day(capture) || "no date";
}

/* ---- the timeline ---- */

function timelines(site, current) {
  return timelineRows(site).map((captures, place, all) =>
    make("section", { class: "time" }, make("h2", {}, all.length > 1 ? `Timeline ${place + 1} of ${all.length}: ${site.captures[captures[0]].policy}` : "Timeline"),
      make("p", { class: "note" }, "In how many segments each practice was found; “no”: all of them only deny it. ", addressesText(site, captures)),
      make("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": "Timeline" }, timeline(site, captures, current))));
}

function addressesText(site, captures) {
  const addresses = [...new Set(captures.map((number) => site.captures[number].url))];
  return addresses.length > 3 ? `${addresses.length} addresses.` : addresses.join(" → ");
}

// A capture that is part of no story is shown with a story of the same policy; each other policy has a row of its own
function timelineRows(site) {
  const rows = site.stories.map((story) => [...story]);
  const placed = new Set(rows.flat());
  site.captures.forEach((capture, number) => {
    if (placed.has(number)) return;
    const row = rows.find((story) => story.some((other) => site.captures[other].policy === capture.policy));
    if (row) row.push(number);
    else rows.push([number]);
  });
  return rows.map((row) => row.sort((a, b) => a - b));
}

function timeline(site, captures, current) {
  const columns = columnsWithGaps(site, captures);
  return make("table", { class: "timeline" },
    make("caption", { class: "quiet" }, "In how many segments each practice was found, capture by capture"),
    make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Practice"), columns.map((column) => columnHeader(site, column, current)))),
    make("tbody", {}, site.practices.map((name, place) => practiceRow(site, columns, name, place))),
    make("tfoot", {}, segmentRow(site, columns), changeRow(site, columns)));
}

function columnsWithGaps(site, captures) {
  const columns = [];
  captures.forEach((number, place) => {
    const days = place && Math.round((timeOf(site.captures[number]) - timeOf(site.captures[captures[place - 1]])) / 864e5);
    if (days > MIN_GAP_DAYS) columns.push({ days });
    columns.push({ number });
  });
  return columns;
}

function timeOf(capture) {
  return capture.time ? Date.parse(day(capture)) : NaN;
}

function durationText(days) {
  const months = Math.round(days / 30.44);
  const years = Math.floor(months / 12);
  return [years && plural(years, "year", "years"), months % 12 && plural(months % 12, "month", "months")].filter(Boolean).join(" ") || plural(days, "day", "days");
}

function columnHeader(site, { number, days }, current) {
  const here = current.includes(number);
  if (days) return make("th", { scope: "col", class: "gap" }, make("span", { title: `${durationText(days)} without a capture` }, `${(days / 365.25).toFixed(days < 3650 ? 1 : 0)} y`), hiddenText(" without a capture"));
  const date = captureName(site.captures[number]);
  const link = make("a", { href: `#s${site.number}/c${number}`, "aria-label": date, "aria-current": here && "true" }, date.slice(0, 4), hiddenText(date.slice(4, 5)), make("small", {}, date.slice(5)));
  return make("th", { scope: "col" }, link);
}

function practiceRow(site, columns, name, place) {
  return make("tr", { class: name }, make("th", { scope: "row" }, swatch(), capital(name)), columns.map(({ number, days }) => {
    if (days) return make("td", { class: "gap" });
    const capture = site.captures[number];
    if (!capture.labelled) return place ? "" : make("td", { rowspan: site.practices.length, class: "unlooked" }, "not looked at");
    const saying = capture.segments.filter((segment) => segment[PRACTICE_BITS] >> place & 1);
    const denying = saying.filter((segment) => segment[POLARITY][place] === "does_not").length;
    if (!saying.length) return make("td", {}, "–");
    const onlyDenied = denying === saying.length;
    const hint = denying && !onlyDenied ? `${denying} of ${saying.length} deny it` : onlyDenied ? "Only denied" : "";
    return make("td", {}, make("span", { class: onlyDenied ? "mark denied" : "mark", title: hint }, saying.length, onlyDenied ? " no" : ""));
  }));
}

function segmentRow(site, columns) {
  return make("tr", {}, make("th", { scope: "row" }, "Segments"), columns.map(({ number, days }) => make("td", { class: days && "gap" }, days ? "" : site.captures[number].segments.length)));
}

function changeRow(site, columns) {
  return make("tr", {}, make("th", { scope: "row" }, "Changes"), columns.map(({ number, days }) => {
    if (days) return make("td", { class: "gap" });
    const story = site.stories.find((one) => one.indexOf(number) > 0);
    if (!story) return make("td", {}, "");
    const before = story[story.indexOf(number) - 1];
    const count = site.events.filter((event) => event[BEFORE] === before && event[AFTER] === number).length;
    return make("td", {}, make("a", { href: `#s${site.number}/d${before}-${number}`, "aria-label": `${plural(count, "change", "changes")}, compare ${captureName(site.captures[before])} with ${captureName(site.captures[number])}` }, count));
  }));
}

function swatch() {
  return make("i", { class: "swatch", "aria-hidden": "true" });
}

function capital(word) {
  return word[0].toUpperCase() + word.slice(1);
}

/* ---- what changed ---- */

function changesView(site) {
  const named = site.stories.length > 1;
  const steps = site.stories.flatMap((story, number) => story.slice(1).map((after, place) => changeStep(site, number, story[place], after, named)));
  const none = make("p", {}, site.captures.length > 1 ? "No two captures of one policy could be set against each other." : "There is one capture of this site, so nothing to set against it.");
  return make("section", { class: "changes" }, make("h2", { class: "quiet" }, "What changed"), steps.length ? steps : none);
}

function changeStep(site, story, before, after, named) {
  const events = site.events.filter((event) => event[STORY] === story && event[BEFORE] === before && event[AFTER] === after);
  const single = events.filter((event) => event[KIND] in PASSAGE_EVENT_WORDS);
  const whole = events.filter((event) => !(event[KIND] in PASSAGE_EVENT_WORDS));
  const [from, to] = [site.captures[before], site.captures[after]];
  const head = make("h3", {}, make("time", { datetime: day(to) }, captureName(to)), make("small", {}, ` since ${captureName(from)}${named ? `, ${site.names[story] || to.policy}` : ""}`));
  const compare = make("a", { href: `#s${site.number}/d${before}-${after}`, "aria-label": `Compare ${captureName(from)} with ${captureName(to)}` }, "Compare");
  const list = whole.length && make("ul", { class: "events" }, whole.map((event) => eventItem(site, event)));
  const nothing = !events.length && make("p", { class: "note" }, "Nothing changed.");
  return make("section", { class: "step" }, make("div", { class: "bar" }, head, compare), list || "", nothing || "", single.length ? passageEvents(site, single) : "");
}

function eventItem(site, event) {
  const [place, segments] = event[SEGMENTS_AFTER].length || !event[SEGMENTS_BEFORE].length ? [event[AFTER], event[SEGMENTS_AFTER]] : [event[BEFORE], event[SEGMENTS_BEFORE]];
  const href = `#s${site.number}/c${place}${segments.length ? `/${segments[0]}` : ""}`;
  return make("li", { class: event[KIND] },
    make("p", {}, event[SENTENCE], " ", make("a", { href, class: "go", "aria-label": `Read it in the capture of ${captureName(site.captures[place])}` }, `in ${captureName(site.captures[place])}`),
      make("small", { title: "An order of what to check first, not a probability" }, ` confidence ${(event[CONFIDENCE] / 100).toFixed(2)}`)),
    event[REMOVED_WORDS] && make("p", { class: "quote" }, make("del", {}, event[REMOVED_WORDS])),
    event[ADDED_WORDS] && make("p", { class: "quote" }, make("ins", {}, event[ADDED_WORDS])));
}

function passageEvents(site, events) {
  const counts = Object.entries(PASSAGE_EVENT_WORDS).map(([kind, word]) => [events.filter((event) => event[KIND] === kind).length, word]);
  const words = counts.filter(([count]) => count).map(([count, word]) => `${count} ${word}`).join(", ");
  const fold = make("details", {}, make("summary", {}, `${plural(events.length, "passage", "passages")}: ${words}`));
  fold.addEventListener("toggle", () => fold.append(make("ul", { class: "events" }, events.map((event) => eventItem(site, event)))), { once: true });
  return fold;
}

/* ---- one capture ---- */

function captureView(site, number) {
  const capture = site.captures[number];
  const sections = bySection(capture.segments);
  return make("article", { class: shown.scores ? "scored" : "" },
    make("div", { class: "bar tools" }, capturePicker(site, "Capture", number, (place) => `#s${site.number}/c${place}`), stepLinks(site, number), scoreBox()),
    make("h2", { lang: capture.lang, dir: "auto" }, capture.title || "Untitled page"),
    captureStatus(capture),
    capture.segments.some((segment) => segment[EVIDENCE].length) ? make("p", { class: "note" }, "Underlined, in the colour of a practice: the words that carried it.") : "",
    make("div", { class: "sheet" },
      outline(site, number, sections),
      make("div", { class: "said" }, capture.segments.length ? sections.map((section, place) => sectionElement(site, number, section, place)) : make("p", {}, "No segment was found in it."), originDetails(capture))));
}

function capturePicker(site, label, chosen, href, places = [...site.captures.keys()]) {
  const several = new Set(places.map((place) => site.captures[place].policy)).size > 1;
  const options = places.map((place) => {
    const capture = site.captures[place];
    return make("option", { value: place, selected: place === chosen }, captureName(capture), several ? `, ${capture.policy}` : "", capture.labelled ? "" : " (not looked at)");
  });
  const select = make("select", { on: { change: () => { location.hash = href(Number(select.value)); } } }, options);
  return make("label", {}, `${label} `, select);
}

function stepLinks(site, number) {
  const link = (place, words) => site.captures[place] && make("a", { href: `#s${site.number}/c${place}` }, words);
  return make("span", { class: "steps" }, link(number - 1, "← Earlier") ?? "", " ", link(number + 1, "Later →") ?? "");
}

function scoreBox() {
  const box = make("input", { type: "checkbox" });
  box.checked = shown.scores;
  box.addEventListener("change", () => {
    shown.scores = box.checked;
    view.querySelector("article").classList.toggle("scored", box.checked);
  });
  return make("label", {}, box, " Scores and categories");
}

function captureStatus(capture) {
  const original = capture.archive ? [make("a", { href: capture.archive, rel: "noopener noreferrer nofollow" }, "The archived original"), " of "] : [];
  const why = capture.reasons.length ? ` (${capture.reasons.join("; ")})` : "";
  return make("div", { class: "standing" },
    make("p", {}, original, make("code", {}, capture.url), `. Reads like a privacy policy: ${capture.likeness.toFixed(2)} of 1.`),
    capture.verdict === "usable" ? "" : make("p", { class: "warning" }, `Verdict: ${capture.verdict}${why}.`),
    capture.labelled ? "" : make("p", { class: "warning" }, "Not looked at: no practice was sought in this page, so none shown here does not mean none in it."));
}

function bySection(segments) {
  const sections = [];
  segments.forEach((segment, index) => {
    if (sections.at(-1)?.path !== segment[PATH]) sections.push({ path: segment[PATH], indexes: [] });
    sections.at(-1).indexes.push(index);
  });
  return sections;
}

function outline(site, number, sections) {
  const named = sections.filter((section) => site.paths[section.path].length);
  const links = named.map((section) => {
    const path = site.paths[section.path];
    const href = `#s${site.number}/c${number}/${section.indexes[0]}`;
    return make("li", { class: `level-${Math.min(path.length, 4)}` }, make("a", { href }, path.at(-1)));
  });
  if (!links.length) return make("div", {});
  const fold = make("details", { class: "outline" }, make("summary", {}, "Outline"), make("nav", { "aria-label": "Outline" }, make("ul", {}, links)));
  fold.open = matchMedia("(min-width: 76rem)").matches;
  return fold;
}

function sectionElement(site, number, { path, indexes }, place) {
  const capture = site.captures[number];
  const headings = site.paths[path];
  const head = headings.length ? make("h3", { lang: capture.lang, dir: "auto", id: `section-${place}` }, headings.slice(0, -1).map((heading) => make("span", {}, `${heading} › `)), headings.at(-1)) : "";
  return make("section", {}, head, make("ol", {}, indexes.map((index) => segmentElement(site, number, index))));
}

function segmentElement(site, number, index) {
  const capture = site.captures[number];
  const segment = capture.segments[index];
  const practices = site.practices.filter((_, place) => segment[PRACTICE_BITS] >> place & 1);
  const link = make("a", { href: `#s${site.number}/c${number}/${index}`, class: "number", "aria-label": `Segment ${index}` }, index);
  const found = capture.labelled ? practiceChips(site, segment, practices) : [];
  const words = make("div", {},
    segment[CONTEXT_TEXT] >= 0 ? make("p", { class: "context", lang: capture.lang, dir: "auto" }, site.texts[segment[CONTEXT_TEXT]]) : "",
    make("p", { class: "text", lang: capture.lang, dir: "auto" }, markedText(site, number, index)),
    ...["Collected", "Shared"].map((word, place) => segment[TYPES][place].length ? make("p", { class: "types" }, `${word}: ${segment[TYPES][place].join(", ")}`) : ""),
    segment[CATEGORIES].length ? make("p", { class: "categories" }, segment[CATEGORIES].map(([name, score]) => `${site.categories[name]} ${(score / 100).toFixed(2)}`).join(" · ")) : "");
  return make("li", { id: `segment-${index}`, tabindex: -1, class: practices.join(" ") }, make("div", { class: "margin" }, link, found), words, copyButtons(site, number, index));
}

// Marks the words that events rest on, and the evidence of practices; all offsets are in code points of the segment
function markedText(site, number, index) {
  const segment = site.captures[number].segments[index];
  const text = site.texts[segment[TEXT]];
  const spans = [...eventSpans(site, number, index), ...evidenceSpans(site, segment)];
  if (!spans.length) return text;
  const points = [...text];
  const borders = [...new Set([0, points.length, ...spans.flatMap(({ from, to }) => [from, to])])].sort((a, b) => a - b);
  return borders.slice(1).map((to, place) => {
    const over = spans.filter((span) => span.from <= borders[place] && to <= span.to);
    const words = points.slice(borders[place], to).join("");
    return over.reduceRight((inner, { tag, attributes }) => make(tag, attributes, inner), words);
  });
}

function eventSpans(site, number, index) {
  return site.events.flatMap((event) => [[BEFORE, SPANS_BEFORE], [AFTER, SPANS_AFTER]].flatMap(([side, spans]) =>
    event[side] !== number ? [] : event[spans].filter(([segment]) => segment === index).map(([, from, to]) => ({ from, to, tag: "mark", attributes: { title: event[SENTENCE] } }))));
}

function evidenceSpans(site, segment) {
  const spans = [];
  for (let at = 0; at < segment[EVIDENCE].length; at += 3) {
    const [place, from, to] = segment[EVIDENCE].slice(at, at + 3);
    const name = site.practices[place];
    spans.push({ from, to, tag: "u", attributes: { class: name, title: `Evidence of ${name}` } });
  }
  return spans;
}

function practiceChips(site, segment, practices) {
  const chips = site.practices.map((name, place) => {
    const given = practices.includes(name);
    const denied = given && POLARITY_WORDS[segment[POLARITY][place]];
    return make("span", { class: given ? `chip ${name}${denied ? " denied" : ""}` : "chip scores other" }, capital(name), denied ? make("i", {}, ` ${denied}`) : "", make("b", { class: "scores" }, ` ${(segment[SCORES][place] / 100).toFixed(2)}`));
  });
  const none = practices.length ? "" : make("span", { class: "unmarked" }, "no practice");
  return [...chips, none, segment[UNCERTAIN] ? make("span", { class: "uncertain" }, "? uncertain") : ""];
}

function originDetails(capture) {
  return make("details", { class: "origin" }, make("summary", {}, "Where this record comes from"),
    make("dl", {}, capture.origin.map(([term, value]) => make("div", {}, make("dt", {}, term), make("dd", {}, value)))));
}

/* ---- copying ---- */

function copyButtons(site, number, index) {
  const name = `segment ${index}`;
  const button = (words, label, value) => make("button", { type: "button", "aria-label": label, on: { click: () => copy(value(), label) } }, words);
  return make("div", { class: "copy" },
    button("Copy id", `Copy the id of ${name}`, () => `${site.captures[number].id}#${index}`),
    button("Copy selector", `Copy a selector of ${name}`, () => JSON.stringify(selector(site, number, index), null, 2)));
}

// https://www.w3.org/TR/annotation-model/#selectors; positions are in the record's text
function selector(site, number, index) {
  const capture = site.captures[number];
  const textAt = (place) => (capture.segments[place] ? site.texts[capture.segments[place][TEXT]] : "");
  const start = capture.segments[index][START];
  return {
    "@context": "http://www.w3.org/ns/anno.jsonld",
    type: "SpecificResource",
    source: capture.archive || capture.url,
    selector: [
      { type: "TextQuoteSelector", exact: textAt(index), prefix: textAt(index - 1).slice(-QUOTE_CONTEXT), suffix: textAt(index + 1).slice(0, QUOTE_CONTEXT) },
      { type: "TextPositionSelector", start, end: start + [...textAt(index)].length },
    ],
  };
}

async function copy(value, what) {
  const status = document.getElementById("copied");
  try {
    await navigator.clipboard.writeText(value);
    status.textContent = `Done: ${what}.`;
  } catch {
    const field = make("textarea", { readonly: true, rows: 8, "aria-label": what });
    field.value = value;
    const box = make("dialog", { "aria-label": what }, make("p", {}, "The browser does not let this page copy. Here it is to copy by hand:"), field, make("form", { method: "dialog" }, make("button", {}, "Close")));
    box.addEventListener("close", () => box.remove());
    document.body.append(box);
    box.showModal();
    field.select();
  }
}

/* ---- two captures side by side ---- */

function comparisonView(site, before, after) {
  const rows = alignedRows(site, before, after);
  const places = timelineRows(site).find((row) => row.includes(before));
  const counts = Object.entries(ROW_KIND_WORDS).map(([kind, word]) => [rows.filter((row) => row.kind === kind).length, word]).filter(([count]) => count);
  return make("section", { class: "compare" },
    make("div", { class: "bar tools" },
      capturePicker(site, "Earlier", before, (place) => `#s${site.number}/d${place}-${after}`, places),
      capturePicker(site, "Later", after, (place) => `#s${site.number}/d${before}-${place}`, places)),
    make("h2", {}, `${captureName(site.captures[before])} and ${captureName(site.captures[after])}`),
    make("p", { class: "note" }, counts.map(([count, word]) => `${count} ${word}`).join(", ") || "Neither has a segment.", ". In a reworded passage, words that went are struck out, words that came underlined."),
    make("table", { class: "diff" },
      make("thead", {}, make("tr", {}, ["What", captureName(site.captures[before]), captureName(site.captures[after])].map((words) => make("th", { scope: "col" }, words)))),
      foldedRows(site, before, after, rows)));
}

function foldedRows(site, before, after, rows) {
  const bodies = [];
  for (let place = 0; place < rows.length; place++) {
    let end = place;
    while (end < rows.length && rows[end].kind === "same") end++;
    if (end - place > 1) {
      bodies.push(foldedBody(site, before, after, rows.slice(place, end)));
      place = end - 1;
    } else bodies.push(make("tbody", {}, diffRow(site, before, after, rows[place])));
  }
  return bodies;
}

function foldedBody(site, before, after, rows) {
  const button = make("button", { type: "button" }, `Show ${rows.length} unchanged passages`);
  const body = make("tbody", { class: "fold" }, make("tr", {}, make("td", { colspan: 3 }, button)));
  button.addEventListener("click", () => {
    body.replaceChildren(...rows.map((row) => diffRow(site, before, after, row)));
    body.querySelector("th").setAttribute("tabindex", "-1");
    body.querySelector("th").focus();
  });
  return body;
}

function diffRow(site, before, after, row) {
  const text = (number, indexes) => indexes.map((index) => site.texts[site.captures[number].segments[index][TEXT]]).join("\n\n");
  const [old, young] = [text(before, row.before), text(after, row.after)];
  const [left, right] = row.before.length && row.after.length && old !== young ? compareWords(old, young) : [wholeText(old, "del", row), wholeText(young, "ins", row)];
  return make("tr", { class: row.kind }, make("th", { scope: "row" }, ROW_KIND_WORDS[row.kind], row.moved && row.kind !== "moved" ? make("small", {}, " and moved") : ""),
    cell(site, before, row.before, left), cell(site, after, row.after, right));
}

function wholeText(words, tag, row) {
  return !words ? "" : row.before.length && row.after.length ? words : make(tag, { class: "whole" }, words);
}

function cell(site, number, indexes, words) {
  if (!indexes.length) return make("td", { class: "nothing" }, hiddenText("nothing"));
  const segment = site.captures[number].segments[indexes[0]];
  const heading = site.paths[segment[PATH]].at(-1);
  return make("td", { "data-day": captureName(site.captures[number]) }, make("p", { class: "where" }, make("a", { href: `#s${site.number}/c${number}/${indexes[0]}`, "aria-label": `Segment ${indexes[0]} of ${captureName(site.captures[number])}` }, indexes.join(", ")), heading ? ` ${heading}` : ""), make("p", { class: "text", dir: "auto" }, words));
}

// Segments of the same passage share a row; a passage that was split or merged in between is paired with its parent
function alignedRows(site, before, after) {
  const [left, right] = [site.captures[before].segments, site.captures[after].segments];
  const root = passageRoots(site, left, right);
  const groups = groupSegments(left, right, (segment) => (segment[PASSAGE] < 0 ? `t${segment[TEXT]}` : `p${root(segment[PASSAGE])}`));
  const paired = groups.filter((group) => group.before.length && group.after.length);
  const alone = groups.filter((group) => !paired.includes(group));
  const rest = { left: alone.flatMap((group) => group.before), right: alone.flatMap((group) => group.after) };
  const again = groupSegments(left, right, (segment) => segment[TEXT], rest);
  const rows = [...paired, ...again.flatMap((group) => (group.before.length && group.after.length ? group : unpairedRows(group)))];
  return inReadingOrder(withMovesMarked(rows.map((row) => ({ ...row, kind: changeKind(site, left, right, row) }))));
}

function unpairedRows({ before, after }) {
  return [...before.map((index) => ({ before: [index], after: [] })), ...after.map((index) => ({ before: [], after: [index] }))];
}

function passageRoots(site, left, right) {
  const parents = new Map();
  const [old, young] = [left, right].map((segments) => new Set(segments.map((segment) => segment[PASSAGE])));
  const find = (one) => {
    while (parents.has(one)) one = parents.get(one);
    return one;
  };
  site.parents.forEach((found, passage) => {
    for (const parent of found) {
      const split = old.has(parent) && young.has(passage) && !old.has(passage);
      const merged = old.has(parent) && young.has(passage) && !young.has(parent);
      if ((split || merged) && find(parent) !== find(passage)) parents.set(find(passage), find(parent));
    }
  });
  return find;
}

function groupSegments(left, right, key, { left: some = [...left.keys()], right: others = [...right.keys()] } = {}) {
  const groups = new Map();
  const enter = (segments, indexes, side) => {
    for (const index of indexes) {
      const name = key(segments[index]);
      if (!groups.has(name)) groups.set(name, { before: [], after: [] });
      groups.get(name)[side].push(index);
    }
  };
  enter(left, some, "before");
  enter(right, others, "after");
  return [...groups.values()];
}

function changeKind(site, left, right, { before, after }) {
  if (!before.length) return "added";
  if (!after.length) return "removed";
  const texts = (segments, indexes) => indexes.map((index) => segments[index][TEXT]).join();
  if (texts(left, before) === texts(right, after)) return "same";
  return before.length === after.length ? "edited" : before.length < after.length ? "split" : "merged";
}

// Passages outside the longest increasing subsequence have moved
function withMovesMarked(rows) {
  const paired = rows.filter((row) => row.before.length && row.after.length).sort((a, b) => a.before[0] - b.before[0]);
  const tails = [];
  const previous = new Map();
  for (const row of paired) {
    let low = 0;
    for (let high = tails.length; low < high;) {
      const middle = (low + high) >> 1;
      if (tails[middle].after[0] < row.after[0]) low = middle + 1;
      else high = middle;
    }
    previous.set(row, tails[low - 1]);
    tails[low] = row;
  }
  const kept = new Set();
  for (let row = tails.at(-1); row; row = previous.get(row)) kept.add(row);
  return rows.map((row) => {
    const moved = previous.has(row) && !kept.has(row);
    return { ...row, moved, kind: moved && row.kind === "same" ? "moved" : row.kind };
  });
}

// In order of the later capture; a passage that is gone follows the one it stood behind
function inReadingOrder(rows) {
  let last = -1;
  const place = new Map();
  const old = rows.filter((row) => row.before.length).sort((a, b) => a.before[0] - b.before[0]);
  for (const row of old) {
    if (row.after.length) last = row.after[0];
    place.set(row, last);
  }
  const key = (row) => (row.after.length ? [row.after[0], 0, 0] : [place.get(row), 1, row.before[0]]);
  return rows.map((row) => [key(row), row]).sort(([a], [b]) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]).map(([, row]) => row);
}

/* ---- differences in words ---- */

function compareWords(old, young) {
  const [left, right] = [old, young].map((text) => text.match(TOKEN) ?? []);
  const [a, b] = [left, right].map((tokens) => tokens.map(normalizedWord));
  const pairs = withoutIslands(commonPairs(a, b), a.length, b.length);
  return [markedRuns(left, new Set(pairs.map(([x]) => x)), "del"), markedRuns(right, new Set(pairs.map(([, y]) => y)), "ins")];
}

function normalizedWord(token) {
  return token.normalize("NFKC").toLowerCase().replace(/['’]/g, "").replace(/[^\p{L}\p{N}_]+/gu, "");
}

function markedRuns(tokens, kept, tag) {
  const parts = [];
  for (let from = 0, to; from < tokens.length; from = to) {
    to = from;
    while (to < tokens.length && kept.has(to) === kept.has(from)) to++;
    const words = tokens.slice(from, to).join("");
    const end = words.trimEnd().length;
    parts.push(kept.has(from) ? words : [make(tag, {}, words.slice(0, end)), words.slice(end)]);
  }
  return parts;
}

function commonPairs(a, b) {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const middle = myers(a.slice(start, a.length - end), b.slice(start, b.length - end));
  const head = Array.from({ length: start }, (_, place) => [place, place]);
  const tail = Array.from({ length: end }, (_, place) => [a.length - end + place, b.length - end + place]);
  return [...head, ...middle.map(([x, y]) => [x + start, y + start]), ...tail];
}

// E. W. Myers, An O(ND) difference algorithm and its variations (1986); `furthest` is by diagonal, shifted by `zero`
function myers(a, b) {
  const most = Math.min(a.length + b.length, MAX_EDITS);
  const zero = most + 1;
  const furthest = new Int32Array(2 * most + 3);
  const trace = [];
  for (let edits = 0; edits <= most; edits++) {
    trace.push(furthest.slice(zero - edits - 1, zero + edits + 2));
    for (let k = -edits; k <= edits; k += 2) {
      let x = stepsDown(furthest, zero, k, edits) ? furthest[zero + k + 1] : furthest[zero + k - 1] + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      furthest[zero + k] = x;
      if (x >= a.length && x - k >= b.length) return backtrack(trace, a.length, b.length);
    }
  }
  return [];
}

function stepsDown(furthest, zero, k, edits) {
  return k === -edits || (k !== edits && furthest[zero + k - 1] < furthest[zero + k + 1]);
}

function backtrack(trace, x, y) {
  const pairs = [];
  for (let edits = trace.length - 1; edits >= 0; edits--) {
    const [furthest, zero, k] = [trace[edits], edits + 1, x - y];
    const diagonal = stepsDown(furthest, zero, k, edits) ? k + 1 : k - 1;
    const fromX = edits ? furthest[zero + diagonal] : 0;
    const fromY = edits ? fromX - diagonal : 0;
    while (x > fromX && y > fromY) pairs.push([--x, --y]);
    [x, y] = [fromX, fromY];
  }
  return pairs.reverse();
}

// A single common word between two changes does not separate them
function withoutIslands(pairs, ends, others) {
  return pairs.filter(([x, y], place) => {
    const joinsBefore = place ? pairs[place - 1][0] === x - 1 && pairs[place - 1][1] === y - 1 : x === 0 && y === 0;
    const next = pairs[place + 1];
    const joinsAfter = next ? next[0] === x + 1 && next[1] === y + 1 : x === ends - 1 && y === others - 1;
    return joinsBefore || joinsAfter;
  });
}

/* ---- the overview ---- */

function prepareOverview() {
  for (const table of overview.querySelectorAll(".sortable")) makeSortable(table);
  const form = overview.querySelector("form");
  if (!form) return;
  form.hidden = false;
  form.addEventListener("input", () => filter(form));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => filter(form)));
  filter(form);
}

function makeSortable(table) {
  for (const header of table.tHead.rows[0].cells) {
    const button = make("button", { type: "button" }, header.textContent);
    button.addEventListener("click", () => sortBy(table, header));
    header.replaceChildren(button);
  }
}

function sortBy(table, header) {
  const down = header.ariaSort ? header.ariaSort === "ascending" : "number" in header.dataset;
  for (const other of table.tHead.rows[0].cells) other.ariaSort = null;
  header.ariaSort = down ? "descending" : "ascending";
  const order = new Intl.Collator("en", { numeric: true }).compare;
  const keyed = [...table.tBodies[0].rows].map((row) => [sortKey(row, header.cellIndex), row]);
  keyed.sort(([a], [b]) => (down ? order(b, a) : order(a, b)));
  table.tBodies[0].append(...keyed.map(([, row]) => row));
}

function sortKey(row, place) {
  const words = row.cells[Math.min(place, row.cells.length - 1)].textContent;
  return words === "–" ? "0" : words === "not looked at" ? "" : words;
}

function filter(form) {
  const wanted = {
    words: form.words.value.trim().toLowerCase(),
    site: form.site.value,
    from: form.from.value.trim(),
    to: form.to.value.trim(),
    verdict: form.verdict.value,
    uncertain: form.uncertain.checked,
    stance: form.stance.value,
    practices: [...form.querySelectorAll("[name=practice]:checked")].map((box) => box.value),
  };
  const rows = [...overview.querySelector(".captures").tBodies[0].rows];
  const left = new Set();
  for (const row of rows) {
    row.hidden = !matchesFilter(row, wanted);
    if (!row.hidden) left.add(row.dataset.site);
  }
  for (const row of overview.querySelector(".sites")?.tBodies[0].rows ?? []) row.hidden = !left.has(row.dataset.site);
  form.count.value = `${rows.filter((row) => !row.hidden).length} of ${rows.length} shown`;
}

function matchesFilter(row, wanted) {
  const date = row.cells[1].firstChild.firstChild.textContent;
  const named = `${row.cells[0].textContent} ${row.cells[2].textContent} ${row.dataset.url}`.toLowerCase();
  const looked = !row.querySelector(".unlooked");
  return named.includes(wanted.words)
    && (!wanted.site || wanted.site === row.dataset.site)
    && (!wanted.from || date.slice(0, wanted.from.length) >= wanted.from)
    && (!wanted.to || date.slice(0, wanted.to.length) <= wanted.to)
    && (!wanted.verdict || (wanted.verdict === "not looked at" ? !looked : row.cells[3].textContent === wanted.verdict))
    && (!wanted.uncertain || (looked && row.cells[5].textContent !== "–"))
    && wanted.practices.every((name) => row.querySelector(`.mark.${name}${STANCE_SELECTORS[wanted.stance]}`));
}
