/* ---- sites by period; periods.py describes the data ---- */

const STATE_CLASSES = ["silent", "does", "denies", "both", "unread"];
const STATE_WORDS = ["silent", "says so", "only denies it", "says so, and in part denies it", "not looked at"];
const ROWS_AT_FIRST = 30; // further ones are drawn as the reader comes near
const MORE_ROWS = 60;
const [STATE, CELL_CAPTURE, CELL_DAY, CELL_SEGMENT, CELL_QUOTE] = Array(5).keys();

function prepareGrid() {
  const section = overview.querySelector(".by-period");
  if (!section) return;
  section.hidden = false;
  const grid = { ...JSON.parse(document.getElementById("grid").textContent), section, practice: section.dataset.practice };
  grid.sites.sort((a, b) => a[1].localeCompare(b[1], "en"));
  const place = make("div");
  section.append(practiceSwitch(grid, place), legend(), place);
  drawGrid(grid, place);
  addEventListener("beforeprint", () => grid.drawAll());
}

function practiceSwitch(grid, place) {
  const choice = (name) => make("label", { class: `chip ${name}` }, make("input", { type: "radio", name: "grid-practice", value: name, checked: name === grid.practice, on: { change: () => { grid.practice = name; drawGrid(grid, place); } } }), ` ${capital(name)}`);
  return make("fieldset", { class: "switch" }, make("legend", {}, "Practice"), grid.practices.map(choice));
}

function legend() {
  const order = [1, 3, 2, 0, 4];
  const items = order.map((state) => make("li", {}, stateMark(state), ` ${STATE_WORDS[state]}`));
  return make("ul", { class: "legend", "aria-label": "Marks" }, items, make("li", {}, make("i", { class: "state none", "aria-hidden": "true" }), " no capture"));
}

function stateMark(state) {
  return make("i", { class: `state ${STATE_CLASSES[state]}`, "aria-hidden": "true" });
}

function drawGrid(grid, place) {
  const said = make("p", { class: "quoted", "aria-live": "polite" }, "Point at a mark to read the sentence.");
  const table = make("table", { class: `periods ${grid.practice}`, role: "grid", "aria-labelledby": "by-period", "aria-rowcount": grid.sites.length + 1 }, gridHead(grid), make("tbody"));
  const tell = (event) => showQuote(grid, said, event.target.closest("td a"));
  table.addEventListener("focusin", tell);
  table.addEventListener("mouseover", tell);
  table.addEventListener("keydown", (event) => moveInGrid(event, () => drawRows(grid, table, MORE_ROWS)));
  drawRows(grid, table, ROWS_AT_FIRST);
  table.querySelector("td a")?.setAttribute("tabindex", 0);
  const scrolled = ({ target }) => target.scrollTop + 2 * target.clientHeight > target.scrollHeight && drawRows(grid, table, MORE_ROWS);
  const saved = rowsDownloadButton(() => gridRows(grid), `sites-${grid.practice}.csv`);
  place.replaceChildren(make("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": "Sites by period", on: { scroll: scrolled } }, table), said, make("div", { class: "bar" }, grid.sites.length > ROWS_AT_FIRST ? make("span", { class: "lead" }, plural(grid.sites.length, "site", "sites")) : "", saved));
  grid.drawAll = () => drawRows(grid, table, Infinity);
}

// Draws the next rows; false if all are there
function drawRows(grid, table, count) {
  const [body] = table.tBodies;
  const next = grid.sites.slice(body.rows.length, body.rows.length + count);
  body.append(...next.map((site) => gridRow(grid, site)));
  return next.length > 0;
}

function* gridRows(grid) {
  yield ["Site", ...grid.periods];
  for (const [, name, cells] of grid.sites) {
    const byPeriod = new Map(cells);
    yield [name, ...grid.periods.map((_, place) => (byPeriod.has(place) ? markWords(entryOf(grid, byPeriod.get(place))) : ""))];
  }
}

function entryOf(grid, entries) {
  return entries[entries.length > 1 ? grid.practices.indexOf(grid.practice) : 0];
}

function markWords(entry) {
  return `${STATE_WORDS[entry[STATE]]}, ${entry[CELL_DAY]}`;
}

function gridHead(grid) {
  const heads = grid.periods.map((period) => make("th", { scope: "col" }, period.slice(0, 4), period.length > 4 ? make("small", {}, period.slice(5)) : ""));
  return make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Site"), heads));
}

function gridRow(grid, [number, name, cells]) {
  const byPeriod = new Map(cells);
  const link = make("a", { href: gridLink(grid, number, "") }, name);
  return make("tr", {}, make("th", { scope: "row" }, link), grid.periods.map((_, place) => make("td", {}, byPeriod.has(place) ? gridMark(grid, number, name, byPeriod.get(place)) : "")));
}

function gridMark(grid, number, name, entries) {
  const entry = entryOf(grid, entries);
  const route = `/c${entry[CELL_CAPTURE]}${entry[CELL_SEGMENT] >= 0 ? `/${entry[CELL_SEGMENT]}` : ""}`;
  const link = make("a", { href: gridLink(grid, number, route), tabindex: -1 }, stateMark(entry[STATE]), hiddenText(markWords(entry)));
  Object.assign(link.dataset, { site: name, quote: entry[CELL_QUOTE] });
  return link;
}

function gridLink(grid, number, route) {
  const { folder } = grid.section.dataset;
  return `${folder ? `${folder}${number}.html` : ""}#s${number}${route}`;
}

function showQuote(grid, said, link) {
  if (!link) return;
  const quote = grid.quotes[link.dataset.quote];
  said.replaceChildren(make("b", {}, link.dataset.site), ` ${link.textContent}`, quote ? make("q", { dir: "auto" }, quote) : "");
}

const GRID_STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

// One mark is reached by the Tab key, the others from there: empty cells are passed over
function moveInGrid(event, drawMore) {
  const step = GRID_STEPS[event.key];
  const cell = event.target.closest("td");
  if (!step || !cell) return;
  event.preventDefault();
  let next = nextMark(cell, step);
  while (!next && event.key === "ArrowDown" && drawMore()) next = nextMark(cell, step);
  if (!next) return;
  event.target.setAttribute("tabindex", -1);
  next.setAttribute("tabindex", 0);
  next.focus();
}

function nextMark(cell, [down, right]) {
  const rows = cell.closest("tbody").rows;
  let [row, column] = [cell.parentNode.sectionRowIndex + down, cell.cellIndex + right];
  for (; rows[row]?.cells[column]; row += down, column += right) {
    const found = down ? nearestMark(rows[row], column) : rows[row].cells[column].querySelector("td a");
    if (found) return found;
  }
  return undefined;
}

function nearestMark(row, column) {
  const links = [...row.querySelectorAll("td a")];
  return links.sort((a, b) => Math.abs(a.parentNode.cellIndex - column) - Math.abs(b.parentNode.cellIndex - column))[0];
}
