/* ---- passages that say the same in other words ---- */

const MIN_LIKENESS = [0.3, 0.24, 0.18]; // if neither, one or both hold: each is the other's most alike; they share enough words; see docs/report.md
const [MIN_SHARED_WEIGHT, ENOUGH_SHARED_WEIGHT] = [3, 10]; // of the stems that both have: 0.7 for one in each passage, 5 for one in a 150th
const MAX_COMPARED_PAIRS = 400_000; // of passages; with more none is paired
const HEADING_WEIGHT = 0.5; // of a heading's words, when a word of the passage has 1
const LABEL_WEIGHT = 1; // of a practice or category
const DISTANCE_PENALTY = 0.5; // of the likeness, if one stands at the beginning and the other at the end
const STOP_WORDS = new Set(("a about above after all also an and any are as at be because been before being below between both but by can could did do does " +
  "during each either etc few for from further had has have having he her here him his how however i if in into is it its itself just may me might more most must " +
  "my no nor not of off on once only or other our ours out over own same shall she should so some such than that the their them themselves then there these they " +
  "this those through to too under until up upon us very was we were what when where whether which while who whom why will with within without would you your yours").split(" "));

// One-to-one, the most alike first; { before, after, likeness } by the indexes of the segments
function rewrittenPairs(site, left, right, olds, youngs) {
  if (olds.length * youngs.length > MAX_COMPARED_PAIRS) return [];
  const weights = termWeights(site, left, right);
  const vectors = (segments, indexes) => indexes.map((index) => passageVector(site, segments[index], weights));
  const [some, others] = [vectors(left, olds), vectors(right, youngs)];
  const nearness = (before, after) => 1 - DISTANCE_PENALTY * Math.abs(before / left.length - after / right.length);
  const likely = some.flatMap((old, row) => others.map((young, column) => ({ before: olds[row], after: youngs[column], likeness: cosine(old, young) * nearness(olds[row], youngs[column]) })))
    .filter(({ likeness }) => likeness >= MIN_LIKENESS.at(-1)).sort((a, b) => b.likeness - a.likeness);
  const isMutual = areEachOthersBest(likely);
  const shared = sharedWeights(site, left, right, weights);
  return firstOfEach(likely.filter((pair) => {
    const weight = shared(pair);
    const signs = Number(isMutual(pair)) + Number(weight >= ENOUGH_SHARED_WEIGHT);
    return weight >= MIN_SHARED_WEIGHT && pair.likeness >= MIN_LIKENESS[signs];
  }));
}

function areEachOthersBest(ordered) {
  const [bestOfBefore, bestOfAfter] = ["before", "after"].map((side) => new Map([...ordered].reverse().map((pair) => [pair[side], pair.likeness])));
  return ({ before, after, likeness }) => likeness === bestOfBefore.get(before) && likeness === bestOfAfter.get(after);
}

// Of the stems that both passages have, without headings and labels
function sharedWeights(site, left, right, weights) {
  const [old, young] = [left, right].map((segments) => segments.map((segment) => new Set(contentStems(site.texts[segment[TEXT]]))));
  return ({ before, after }) => [...old[before]].reduce((sum, stem) => sum + (young[after].has(stem) ? weights.get(stem) : 0), 0);
}

// One-to-one, in the order given
function firstOfEach(pairs) {
  const [takenBefore, takenAfter] = [new Set(), new Set()];
  return pairs.filter(({ before, after }) => {
    if (takenBefore.has(before) || takenAfter.has(after)) return false;
    takenBefore.add(before);
    takenAfter.add(after);
    return true;
  });
}

// A term in few passages of the two captures says more of what a passage is about than one in many
function termWeights(site, left, right) {
  const counts = new Map();
  const passages = [...left, ...right];
  for (const segment of passages) for (const term of passageTerms(site, segment).keys()) counts.set(term, (counts.get(term) ?? 0) + 1);
  return new Map([...counts].map(([term, count]) => [term, Math.log(1 + passages.length / count)]));
}

function passageVector(site, segment, weights) {
  const vector = new Map([...passageTerms(site, segment)].map(([term, count]) => [term, count * weights.get(term)]));
  const length = Math.hypot(...vector.values()) || 1;
  return new Map([...vector].map(([term, value]) => [term, value / length]));
}

// How often a passage has each stem, with its own heading, practices and categories as further terms
function passageTerms(site, segment) {
  const terms = new Map();
  const add = (term, weight) => terms.set(term, (terms.get(term) ?? 0) + weight);
  for (const stem of contentStems(site.texts[segment[TEXT]])) add(stem, 1);
  for (const [term, count] of terms) terms.set(term, 1 + Math.log(count));
  for (const stem of contentStems(site.paths[segment[PATH]].at(-1) ?? "")) add(stem, HEADING_WEIGHT);
  site.practices.forEach((name, place) => segment[PRACTICE_BITS] >> place & 1 && add(`practice ${name}`, LABEL_WEIGHT));
  for (const [category] of segment[CATEGORIES]) add(`category ${category}`, LABEL_WEIGHT);
  return terms;
}

function contentStems(text) {
  return (text.match(TOKEN) ?? []).map(normalizedWord).filter((word) => word.length > 1 && !STOP_WORDS.has(word)).map(stemmed);
}

// Without the commonest English endings, so that “deletes”, “deleted” and “deletion” are one
function stemmed(word) {
  const stem = word.replace(/(?:ations?|itions?|ings?|ions?|ments?|ness|ies|ied|ers?|ors?|es|ed|ly|s|e|y)$/, "");
  return stem.length > 2 ? stem : word;
}

function cosine(one, other) {
  let sum = 0;
  for (const [term, value] of one) sum += value * (other.get(term) ?? 0);
  return sum;
}
