/* ---- search for words in the texts of a site ---- */

const QUERY_PART = /["“”„«»]([^"“”„«»]*)["“”„«»]?|([^\s"“”„«»]+)/g;
const FOLDED_WORD = /[\p{L}\p{N}_]+/gu;
const UNSPACED = /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u; // scripts without spaces between words
const GAP = "[^\\p{L}\\p{N}_]{1,6}"; // between two words of a phrase
const KEEPS_LENGTH = /^[\x00-\x7f\xa0‘’“”–—•]*$/; // a text in which folding changes no position
const folds = new WeakMap();

// Without accents and in lower case; word_index.py makes the same
function folded(text) {
  const plain = KEEPS_LENGTH.test(text) ? text : text.normalize("NFKD").replace(/\p{M}+/gu, "");
  return plain.toLowerCase().replace(/[’‘]/g, "'").replaceAll("ς", "σ").replaceAll("ß", "ss");
}

// A word finds the words that begin with it; words in quotation marks, or joined by a hyphen, are found in a row
function parsedQuery(words) {
  return [...words.matchAll(QUERY_PART)].map(([, phrase, word]) => queryPart(phrase ?? word, phrase !== undefined)).filter(Boolean);
}

function queryPart(words, isWhole) {
  const tokens = folded(words).match(FOLDED_WORD);
  if (!tokens) return undefined;
  const start = UNSPACED.test(tokens[0]) ? "" : "(?<![\\p{L}\\p{N}_])";
  const end = UNSPACED.test(tokens.at(-1)) ? "" : isWhole ? "(?![\\p{L}\\p{N}_])" : "[\\p{L}\\p{N}_]*";
  return { tokens, isWhole, pattern: new RegExp(start + tokens.join(GAP) + end, "gu") };
}

function foldedTexts(site) {
  if (!folds.has(site)) folds.set(site, site.texts.map(folded));
  return folds.get(site);
}

// Where the segments with each text stand: [[capture, segment], ...] by text
function placesByText(site) {
  site.places ??= site.captures.reduce((places, capture, number) => {
    capture.segments.forEach((segment, index) => (places[segment[TEXT]] ??= []).push([number, index]));
    return places;
  }, []);
  return site.places;
}

// Each text of a site that has all parts of a query (or the term, or just the filter) in a segment that `fits`
function* passagesOf(site, query, term, fits) {
  const texts = query.length ? foldedTexts(site) : site.texts;
  const tokens = query.flatMap((part) => part.tokens);
  for (const [text, standing] of placesByText(site).entries()) {
    if (!standing || !tokens.every((token) => texts[text].includes(token))) continue;
    if (!query.every(({ pattern }) => texts[text].search(pattern) >= 0)) continue;
    if (term !== undefined && !termSpans(site, text, term).length) continue;
    const places = standing.filter(([capture, segment]) => fits(site, capture, segment));
    if (places.length) yield { site, text, places, spans: matchSpans(site, text, query, term) };
  }
}

// The places of the first part of the query, or else of the term, in UTF-16 units of the text
function matchSpans(site, text, query, term) {
  if (query.length) return partSpans(site.texts[text], query[0]);
  if (term !== undefined) return termSpans(site, text, term);
  return [[0, 0]];
}

function partSpans(text, { pattern }) {
  const spans = Array.from(folded(text).matchAll(pattern), (match) => [match.index, match.index + match[0].length]);
  return KEEPS_LENGTH.test(text) || !spans.length ? spans : unfoldedSpans(text, spans);
}

// The same places in the text before it was folded, which may have other lengths
function unfoldedSpans(text, spans) {
  const origins = [];
  let at = 0;
  for (const point of text) {
    for (let unit = folded(point).length; unit > 0; unit--) origins.push([at, at + point.length]);
    at += point.length;
  }
  return spans.map(([from, to]) => [origins[from][0], origins[to - 1][1]]);
}

// site_data.py counts in code points
function termSpans(site, text, term) {
  const flat = site.terms[text] ?? [];
  for (let at = 0; at < flat.length; at += 3) {
    if (flat[at] !== term) continue;
    const points = [...site.texts[text]];
    const start = points.slice(0, flat[at + 1]).join("").length;
    return [[start, start + points.slice(flat[at + 1], flat[at + 2]).join("").length]];
  }
  return [];
}
