/* ---- two captures side by side ---- */

const ROW_KIND_WORDS = { added: "new", removed: "gone", edited: "reworded", moved: "moved", split: "split", merged: "merged", same: "same" };

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
