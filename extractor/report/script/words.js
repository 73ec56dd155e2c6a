/* ---- differences in words ---- */

const TOKEN = /[\p{L}\p{N}\p{M}_]+(?:['’][\p{L}\p{N}_]+)*[^\p{L}\p{N}_]*|[^\p{L}\p{N}_]+/gu;
const MAX_EDITS = 1500; // words that differ between two passages; with more they are shown as entirely different

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
