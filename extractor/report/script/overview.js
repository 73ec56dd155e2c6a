/* ---- the overview ---- */

function prepareOverview() {
  for (const table of overview.querySelectorAll(".sortable")) makeSortable(table);
  addDownloadButtons(overview);
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
