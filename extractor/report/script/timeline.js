/* ---- the timeline ---- */

const MIN_GAP_DAYS = 400;

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
