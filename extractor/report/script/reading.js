/* ---- one capture ---- */

const POLARITY_WORDS = { does_not: "denied", mixed: "in part denied", unclear: "denied?" };
const FRAGMENT_WORDS = 5; // at the beginning and at the end of a passage
const shown = { scores: false };

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

// A link to the page in its archive, at a passage of it if that is given; nothing if the record has no address there
function archiveLink(capture, words, passage = "") {
  if (!capture.archive) return "";
  const href = capture.archive.includes("#") ? capture.archive : capture.archive + textFragment(passage);
  return make("a", { href, rel: "noopener noreferrer nofollow", class: "archived", "aria-label": `${words}, ${captureName(capture)}` }, words);
}

// https://wicg.github.io/scroll-to-text-fragment/: browsers go to the text between the first and the last words
function textFragment(passage) {
  const words = passage.split(/\s+/).filter(Boolean);
  if (!words.length) return "";
  const parts = words.length <= 2 * FRAGMENT_WORDS ? [words] : [words.slice(0, FRAGMENT_WORDS), words.slice(-FRAGMENT_WORDS)];
  return `#:~:text=${parts.map((part) => encodeURIComponent(part.join(" ")).replaceAll("-", "%2D")).join(",")}`;
}

function captureStatus(capture) {
  const original = capture.archive ? [archiveLink(capture, "The archived original"), " of "] : [];
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
