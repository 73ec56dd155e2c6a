/* ---- differences in words, sentence by sentence ---- */

const TOKEN = /[\p{L}\p{N}\p{M}_]+(?:['’][\p{L}\p{N}_]+)*[^\p{L}\p{N}_]*|[^\p{L}\p{N}_]+/gu;
const MAX_EDITS = 1500; // words that differ between two sentences; with more they are shown as entirely different
const MIN_COMMON_WORDS = 0.4; // of two sentences, in order; with fewer one replaces the other as a whole
const MIN_COMMON_STEMS = 0.3; // of two sentences that belong together (Dice)
const MAX_SENTENCE_PAIRS = 250_000;
const MAX_ISLAND_WORDS = 3; // such as “of the”, between two changes

// Pieces in order: { op: "same", old, young }, { op: "del", old } or { op: "ins", young }; joined, they are the texts
function comparePassages(old, young, lang) {
  if (old === young) return [{ op: "same", old, young }];
  const [left, right] = [old, young].map((text) => sentencesOf(text, lang));
  return joinedPieces(alignedSentences(left, right).flatMap(([one, other]) =>
    one === undefined ? { op: "ins", young: other } : other === undefined ? { op: "del", old: one } : compareWords(one, other)));
}

function joinedPieces(found) {
  const joined = [];
  for (const piece of found) {
    const last = joined.at(-1);
    if (last?.op !== piece.op) joined.push({ ...piece });
    else for (const side of ["old", "young"]) if (side in piece) last[side] += piece[side];
  }
  return joined;
}

function sentencesOf(text, lang) {
  if (!Intl.Segmenter) return text.match(/[^.!?\n]*[.!?\n]*\s*/gu).filter(Boolean);
  return [...new Intl.Segmenter(lang || "en", { granularity: "sentence" }).segment(text)].map(({ segment }) => segment);
}

// Pairs [sentence, sentence] in order, with as much in common as possible; undefined stands for none
function alignedSentences(left, right) {
  const [a, b] = [left, right].map((sentences) => sentences.map(sentenceStems));
  const pairs = left.length * right.length > MAX_SENTENCE_PAIRS ? [] : bestPairs(a.length, b.length, (x, y) => commonShare(a[x], b[y]));
  const found = [];
  let [x, y] = [0, 0];
  for (const [nextX, nextY] of [...pairs, [left.length, right.length]]) {
    while (x < nextX) found.push([left[x++], undefined]);
    while (y < nextY) found.push([undefined, right[y++]]);
    if (x < left.length && y < right.length) found.push([left[x++], right[y++]]);
  }
  return found;
}

function sentenceStems(sentence) {
  const stems = contentStems(sentence);
  return stems.length ? stems : (sentence.match(TOKEN) ?? []).map(normalizedWord);
}

function commonShare(some, others) {
  const counts = new Map();
  for (const stem of some) counts.set(stem, (counts.get(stem) ?? 0) + 1);
  let common = 0;
  for (const stem of others) {
    if (!counts.get(stem)) continue;
    counts.set(stem, counts.get(stem) - 1);
    common++;
  }
  return (2 * common) / (some.length + others.length || 1);
}

// The pairs (x, y), both rising, whose likeness is greatest in sum; none is below MIN_COMMON_STEMS
function bestPairs(rows, columns, likeness) {
  const best = Array.from({ length: rows + 1 }, () => new Float64Array(columns + 1));
  const likes = Array.from({ length: rows }, (_, x) => Float64Array.from({ length: columns }, (_, y) => likeness(x, y)));
  for (let x = rows - 1; x >= 0; x--)
    for (let y = columns - 1; y >= 0; y--) {
      const paired = likes[x][y] < MIN_COMMON_STEMS ? 0 : likes[x][y] + best[x + 1][y + 1];
      best[x][y] = Math.max(best[x + 1][y], best[x][y + 1], paired);
    }
  const pairs = [];
  for (let x = 0, y = 0; x < rows && y < columns;) {
    if (likes[x][y] >= MIN_COMMON_STEMS && best[x][y] === likes[x][y] + best[x + 1][y + 1]) pairs.push([x++, y++]);
    else if (best[x][y] === best[x + 1][y]) x++;
    else y++;
  }
  return pairs;
}

function compareWords(old, young) {
  const [left, right] = [old, young].map((text) => text.match(TOKEN) ?? []);
  const [a, b] = [left, right].map((tokens) => tokens.map(normalizedWord));
  const pairs = withoutIslands(commonPairs(a, b), a);
  if (2 * pairs.length < MIN_COMMON_WORDS * (a.length + b.length)) return [{ op: "del", old }, { op: "ins", young }];
  return pieces(left, right, pairs);
}

function pieces(left, right, pairs) {
  const found = [];
  let [x, y] = [0, 0];
  for (const [nextX, nextY] of [...pairs, [left.length, right.length]]) {
    if (x < nextX) found.push({ op: "del", old: left.slice(x, nextX).join("") });
    if (y < nextY) found.push({ op: "ins", young: right.slice(y, nextY).join("") });
    if (nextX < left.length) found.push({ op: "same", old: left[nextX], young: right[nextY] });
    [x, y] = [nextX + 1, nextY + 1];
  }
  return found;
}

function normalizedWord(token) {
  return token.normalize("NFKC").toLowerCase().replace(/['’]/g, "").replace(/[^\p{L}\p{N}_]+/gu, "");
}

function wordCount(text) {
  return (text.match(TOKEN) ?? []).filter(normalizedWord).length;
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

// A common word or a few such as “of the” between two changes do not separate them
function withoutIslands(pairs, words) {
  const runs = [];
  for (const pair of pairs) {
    const last = runs.at(-1)?.at(-1);
    if (last && last[0] === pair[0] - 1 && last[1] === pair[1] - 1) runs.at(-1).push(pair);
    else runs.push([pair]);
  }
  const isIsland = (run) => run.length === 1 || (run.length <= MAX_ISLAND_WORDS && run.every(([x]) => STOP_WORDS.has(words[x])));
  return runs.filter((run, place) => (place === 0 && run[0][0] === 0 && run[0][1] === 0) || place === runs.length - 1 || !isIsland(run)).flat();
}
