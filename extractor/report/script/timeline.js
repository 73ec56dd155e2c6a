/* ---- the timeline: practices by capture, or a strip of captures ---- */

const MIN_GAP_DAYS = 400;

function timelineSection(site, captures, current) {
  const scroller = make("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": "Timeline" });
  const button = make("button", { type: "button" });
  const note = make("span", {}, "Numbers: segments that mention a practice; framed: all of them only deny it. ", addressesText(site, captures));
  const isOpen = () => (remembered("timeline") ?? (matchMedia(WIDE).matches ? "open" : "strip")) === "open";
  const draw = () => {
    button.textContent = isOpen() ? "Hide practices" : "Show practices";
    button.setAttribute("aria-expanded", String(isOpen()));
    note.hidden = !isOpen();
    scroller.replaceChildren(timeline(site, captures, current, isOpen()));
  };
  button.addEventListener("click", () => {
    remember("timeline", isOpen() ? "strip" : "open");
    draw();
  });
  draw();
  return make("section", { class: "time" }, make("h2", { class: "quiet" }, "Timeline"), scroller,
    make("p", { class: "note" }, button, timelineDownload(scroller), note));
}

function timelineDownload(scroller) {
  return rowsDownloadButton(() => tableRows(scroller.querySelector("table")), "timeline.csv");
}

// A long timeline shows the captures that are being read or compared
function scrollToCurrent(section) {
  const cell = section?.querySelector("[aria-current]")?.closest("th");
  if (cell) section.querySelector(".scroll").scrollLeft = cell.offsetLeft - section.clientWidth / 2;
}

function addressesText(site, captures) {
  const addresses = [...new Set(captures.map((number) => site.captures[number].url))];
  return addresses.length > 3 ? `${addresses.length} addresses.` : addresses.join(" → ");
}

// A capture that is part of no story is shown with a story of the same policy; each other policy has a row of its own
function timelineRows(site) {
  site.timelineRows ??= findTimelineRows(site);
  return site.timelineRows;
}

function findTimelineRows(site) {
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

function timeline(site, captures, current, withPractices) {
  const columns = columnsWithGaps(site, captures);
  return make("table", { class: "timeline" },
    make("caption", { class: "quiet" }, withPractices ? "In how many segments each practice was found, capture by capture" : "The captures, with the number of changes in each"),
    make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Capture"), columns.map((column) => columnHeader(site, column, current)))),
    withPractices ? make("tbody", {}, site.practices.map((name, place) => practiceRow(site, columns, name, place))) : "",
    make("tfoot", {}, withPractices ? segmentRow(site, columns) : "", changeRow(site, columns, current)));
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

function timeOf({ time }) {
  return time ? Date.parse(`${time.slice(0, 4)}-${time.slice(4, 6)}-${time.slice(6, 8)}`) : NaN;
}

function durationText(days) {
  const months = Math.round(days / 30.44);
  const years = Math.floor(months / 12);
  return [years && plural(years, "year", "years"), months % 12 && plural(months % 12, "month", "months")].filter(Boolean).join(" ") || plural(days, "day", "days");
}

function columnHeader(site, { number, days }, current) {
  if (days) return make("th", { scope: "col", class: "gap" }, make("span", { title: `${durationText(days)} without a capture` }, `${(days / 365.25).toFixed(days < 3650 ? 1 : 0)} y`), hiddenText(" without a capture"));
  const date = captureName(site.captures[number]);
  const link = make("a", { href: `#s${site.number}/c${number}`, "aria-label": `Read ${date}`, "aria-current": current.includes(number) && "true" }, date.slice(0, 4), hiddenText(date.slice(4, 5)), make("small", {}, date.slice(5)));
  return make("th", { scope: "col" }, link);
}

function practiceRow(site, columns, name, place) {
  return make("tr", { class: name }, make("th", { scope: "row" }, swatch(), capital(name)), columns.map(({ number, days }) => {
    if (days) return make("td", { class: "gap" });
    const capture = site.captures[number];
    if (!capture.labelled) return place ? "" : make("td", { rowspan: site.practices.length, class: "unlooked", title: "Not looked at: no practice was sought in it" }, make("span", {}, "not looked at"));
    const saying = capture.segments.filter((segment) => segment[PRACTICE_BITS] >> place & 1);
    const denying = saying.filter((segment) => segment[POLARITY][place] === "does_not").length;
    if (!saying.length) return make("td", {}, "–");
    const onlyDenied = denying === saying.length;
    const hint = denying && !onlyDenied ? `${denying} of ${saying.length} deny it` : onlyDenied ? "Only denied" : "";
    return make("td", {}, make("span", { class: onlyDenied ? "mark denied" : "mark", title: hint }, saying.length, onlyDenied ? hiddenText(" no") : ""));
  }));
}

function segmentRow(site, columns) {
  return make("tr", {}, make("th", { scope: "row" }, "Segments"), columns.map(({ number, days }) => make("td", { class: days && "gap" }, days ? "" : site.captures[number].segments.length)));
}

function changeRow(site, columns, current) {
  return make("tr", { class: "steps-row" }, make("th", { scope: "row" }, "Changes"), columns.map(({ number, days }) => {
    if (days) return make("td", { class: "gap" });
    const story = site.stories.find((one) => one.indexOf(number) > 0);
    if (!story) return make("td", {}, "");
    const before = story[story.indexOf(number) - 1];
    const count = eventsBetween(site, before, number).length;
    const here = current.includes(before) && current.includes(number);
    return make("td", {}, make("a", { href: pairAddress(site, [before, number]), "aria-current": here && "true", "aria-label": `${plural(count, "change", "changes")}, compare ${captureName(site.captures[before])} with ${captureName(site.captures[number])}` }, count));
  }));
}

function swatch() {
  return make("i", { class: "swatch", "aria-hidden": "true" });
}

function capital(word) {
  return word[0].toUpperCase() + word.slice(1);
}
