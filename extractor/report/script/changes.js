/* ---- all changes, in sentences ---- */

const PASSAGE_EVENT_WORDS = { added: "added", removed: "removed", edited: "reworded", moved: "moved", split: "split", merged: "merged" };

function changesView(site) {
  const named = site.stories.length > 1;
  const steps = storyPairs(site).reverse().map(([story, before, after]) => changeStep(site, story, before, after, named));
  const none = make("p", {}, site.captures.length > 1 ? "No two captures of one policy could be set against each other." : "There is one capture of this site, so nothing to set against it.");
  const download = site.events.length ? make("p", { class: "downloads" }, rowsDownloadButton(() => eventValues(site), "changes.csv")) : "";
  return make("section", { class: "changes" }, make("h2", { class: "quiet" }, "All changes"), download, steps.length ? steps : none);
}

function* eventValues(site) {
  yield ["site", "policy", "kind", "before", "after", "sentence", "removed", "added", "segments_before", "segments_after", "confidence", "archived_before", "archived_after"];
  for (const event of site.events) {
    const [from, to] = [site.captures[event[BEFORE]], site.captures[event[AFTER]]];
    yield [site.site, to.policy, event[KIND], from.day, to.day, event[SENTENCE], event[REMOVED_WORDS], event[ADDED_WORDS],
      event[SEGMENTS_BEFORE].join(" "), event[SEGMENTS_AFTER].join(" "), (event[CONFIDENCE] / 100).toFixed(2), from.archive, to.archive];
  }
}

// [story, before, after] for all neighbouring captures, in order of the later one
function storyPairs(site) {
  return site.stories.flatMap((story, number) => story.slice(1).map((after, place) => [number, story[place], after])).sort((a, b) => a[2] - b[2]);
}

// The latest pair of captures between which something changed; else the latest pair; undefined if there is none
function latestPair(site, captures = [...site.captures.keys()]) {
  const pairs = storyPairs(site).filter(([, before]) => captures.includes(before)).map(([, before, after]) => [before, after]);
  return pairs.findLast(([before, after]) => eventsBetween(site, before, after).length) ?? pairs.at(-1);
}

function eventsBetween(site, before, after) {
  if (!site.eventsByPair) {
    site.eventsByPair = new Map();
    for (const event of site.events) {
      const pair = `${event[BEFORE]}-${event[AFTER]}`;
      if (!site.eventsByPair.has(pair)) site.eventsByPair.set(pair, []);
      site.eventsByPair.get(pair).push(event);
    }
  }
  return site.eventsByPair.get(`${before}-${after}`) ?? [];
}

function changeStep(site, story, before, after, named) {
  const events = eventsBetween(site, before, after);
  const single = events.filter((event) => event[KIND] in PASSAGE_EVENT_WORDS);
  const whole = events.filter((event) => !(event[KIND] in PASSAGE_EVENT_WORDS));
  const [from, to] = [site.captures[before], site.captures[after]];
  const head = make("h3", {}, make("time", { datetime: to.day }, captureName(to)), make("small", {}, ` since ${captureName(from)}${named ? `, ${site.names[story] || to.policy}` : ""}`));
  const compare = make("a", { href: pairAddress(site, [before, after]), "aria-label": `Compare ${captureName(from)} with ${captureName(to)}` }, "Compare");
  const list = whole.length && make("ul", { class: "events" }, whole.map((event) => eventItem(site, event)));
  const nothing = !events.length && make("p", { class: "note" }, "Nothing changed.");
  return make("section", { class: "step" }, make("div", { class: "bar" }, head, compare), list || "", nothing || "", single.length ? passageEvents(site, single) : "");
}

function eventItem(site, event) {
  return make("li", { class: event[KIND] },
    make("p", {}, event[SENTENCE], " ", eventLink(site, event),
      make("small", { title: "An order of what to check first, not a probability" }, ` confidence ${(event[CONFIDENCE] / 100).toFixed(2)}`)),
    event[REMOVED_WORDS] && make("p", { class: "quote" }, make("del", {}, event[REMOVED_WORDS])),
    event[ADDED_WORDS] && make("p", { class: "quote" }, make("ins", {}, event[ADDED_WORDS])));
}

function eventLink(site, event) {
  const [place, segments] = event[SEGMENTS_AFTER].length || !event[SEGMENTS_BEFORE].length ? [event[AFTER], event[SEGMENTS_AFTER]] : [event[BEFORE], event[SEGMENTS_BEFORE]];
  const href = `#s${site.number}/c${place}${segments.length ? `/${segments[0]}` : ""}`;
  const capture = site.captures[place];
  const link = archiveLink(capture, "archived page", segments.length ? site.texts[capture.segments[segments[0]][TEXT]] : "");
  return make("span", { class: "go" }, make("a", { href, "aria-label": `Read it in the capture of ${captureName(capture)}` }, `in ${captureName(capture)}`), link && ", ", link);
}

function passageEvents(site, events) {
  const counts = Object.entries(PASSAGE_EVENT_WORDS).map(([kind, word]) => [events.filter((event) => event[KIND] === kind).length, word]);
  const words = counts.filter(([count]) => count).map(([count, word]) => `${count} ${word}`).join(", ");
  const fold = make("details", {}, make("summary", {}, `${plural(events.length, "passage", "passages")}: ${words}`));
  fold.addEventListener("toggle", () => fold.append(make("ul", { class: "events" }, events.map((event) => eventItem(site, event)))), { once: true });
  return fold;
}
