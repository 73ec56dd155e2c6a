/* ---- the overview ---- */

function prepareOverview() {
  for (const table of overview.querySelectorAll(".sortable")) makeSortable(table);
  for (const block of overview.querySelectorAll(".further")) block.parentNode.addEventListener("toggle", () => drawFurtherRows(block), { once: true });
  addDownloadButtons(overview);
}

// The rows of a claim on very many sites, which `further_rows` of findings.py describes, are drawn when it is opened
function drawFurtherRows(block) {
  const { folder } = block.dataset;
  const href = (site, route = "") => `${folder ? `${folder}${site}.html` : ""}#s${site}${route}`;
  const cell = (site, [capture, segment, day, words]) => make("td", {}, make("a", { href: href(site, `/c${capture}${segment >= 0 ? `/${segment}` : ""}`) }, day), ` ${words}`);
  const rows = JSON.parse(block.textContent).map(([site, name, said, words]) => make("tr", {},
    make("th", { scope: "row" }, make("a", { href: href(site) }, name)),
    block.parentNode.querySelectorAll("thead th").length - said.length > 2 ? make("td") : "", said.map((one) => cell(site, one)),
    make("td", { class: "words", dir: "auto" }, words ? `“${words}”` : "")));
  block.parentNode.querySelector("tbody").append(...rows);
}

function makeSortable(table) {
  for (const header of table.tHead.rows[0].cells) {
    const button = make("button", { type: "button" }, header.textContent);
    button.addEventListener("click", () => sortBy(table, header));
    header.replaceChildren(button);
  }
}

function sortBy(table, header) {
  const down = header.ariaSort ? header.ariaSort === "ascending" : "number" in header.dataset;
  for (const other of table.tHead.rows[0].cells) other.ariaSort = null;
  header.ariaSort = down ? "descending" : "ascending";
  const order = new Intl.Collator("en", { numeric: true }).compare;
  const keyed = [...table.tBodies[0].rows].map((row) => [row.cells[header.cellIndex].textContent, row]);
  keyed.sort(([a], [b]) => (down ? order(b, a) : order(a, b)));
  table.tBodies[0].append(...keyed.map(([, row]) => row));
}
