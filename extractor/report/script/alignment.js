/* ---- alignment: which passages of two captures belong together ---- */

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
  const kinds = withRewrites(site, left, right, rows).map((row) => ({ ...row, kind: changeKind(site, left, right, row) }));
  return inReadingOrder(withMovesMarked(kinds));
}

// Passages without a counterpart are paired if they say the same in other words
function withRewrites(site, left, right, rows) {
  const alone = rows.filter((row) => !row.before.length || !row.after.length);
  const pairs = rewrittenPairs(site, left, right, alone.flatMap((row) => row.before), alone.flatMap((row) => row.after));
  const paired = new Set(pairs.flatMap(({ before, after }) => [`b${before}`, `a${after}`]));
  const rest = rows.filter(({ before, after }) => (before.length && after.length) || !paired.has(before.length ? `b${before[0]}` : `a${after[0]}`));
  return [...rest, ...pairs.map(({ before, after, likeness }) => ({ before: [before], after: [after], likeness }))];
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

function changeKind(site, left, right, { before, after, likeness }) {
  if (!before.length) return "added";
  if (!after.length) return "removed";
  if (likeness && (left[before[0]][PASSAGE] >= 0 || right[after[0]][PASSAGE] >= 0)) return "rewritten"; // else lines that only date the policy
  const texts = (segments, indexes) => indexes.map((index) => segments[index][TEXT]).join();
  if (texts(left, before) === texts(right, after)) return "same";
  return before.length === after.length ? "edited" : before.length < after.length ? "split" : "merged";
}

// Passages outside the longest increasing subsequence have moved; of a rewritten one nobody knows whether it did
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
    const astray = previous.has(row) && !kept.has(row);
    return { ...row, astray, moved: astray && row.kind !== "rewritten", kind: astray && row.kind === "same" ? "moved" : row.kind };
  });
}

// In order of the later capture; a passage that is gone, and the former place of one that moved, follow the one it stood behind
function inReadingOrder(unordered) {
  let last = -1;
  const place = new Map();
  const departures = unordered.filter((row) => row.moved).map((row) => ({ kind: "departure", before: row.before, after: [], of: row }));
  const rows = [...unordered, ...departures];
  const old = rows.filter((row) => row.before.length && !row.astray).sort((a, b) => a.before[0] - b.before[0]);
  for (const row of old) {
    if (row.after.length) last = row.after[0];
    place.set(row, last);
  }
  const key = (row) => (row.after.length ? [row.after[0], 0, 0] : [place.get(row), 1, row.before[0]]);
  return rows.map((row) => [key(row), row]).sort(([a], [b]) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]).map(([, row]) => row);
}
