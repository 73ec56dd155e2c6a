/* ---- the overview ---- */

const STANCE_SELECTORS = { any: "", does: ":not(.denied)", "denies only": ".denied" };

function prepareOverview() {
  for (const table of overview.querySelectorAll(".sortable")) makeSortable(table);
  const form = overview.querySelector("form");
  if (!form) return;
  form.hidden = false;
  form.addEventListener("input", () => filter(form));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => filter(form)));
  filter(form);
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
  const keyed = [...table.tBodies[0].rows].map((row) => [sortKey(row, header.cellIndex), row]);
  keyed.sort(([a], [b]) => (down ? order(b, a) : order(a, b)));
  table.tBodies[0].append(...keyed.map(([, row]) => row));
}

function sortKey(row, place) {
  const words = row.cells[Math.min(place, row.cells.length - 1)].textContent;
  return words === "–" ? "0" : words === "not looked at" ? "" : words;
}

function filter(form) {
  const wanted = {
    words: form.words.value.trim().toLowerCase(),
    site: form.site.value,
    from: form.from.value.trim(),
    to: form.to.value.trim(),
    verdict: form.verdict.value,
    uncertain: form.uncertain.checked,
    stance: form.stance.value,
    practices: [...form.querySelectorAll("[name=practice]:checked")].map((box) => box.value),
  };
  const rows = [...overview.querySelector(".captures").tBodies[0].rows];
  const left = new Set();
  for (const row of rows) {
    row.hidden = !matchesFilter(row, wanted);
    if (!row.hidden) left.add(row.dataset.site);
  }
  for (const row of overview.querySelector(".sites")?.tBodies[0].rows ?? []) row.hidden = !left.has(row.dataset.site);
  form.count.value = `${rows.filter((row) => !row.hidden).length} of ${rows.length} shown`;
}

function matchesFilter(row, wanted) {
  const date = row.cells[1].firstChild.firstChild.textContent;
  const named = `${row.cells[0].textContent} ${row.cells[2].textContent} ${row.dataset.url}`.toLowerCase();
  const looked = !row.querySelector(".unlooked");
  return named.includes(wanted.words)
    && (!wanted.site || wanted.site === row.dataset.site)
    && (!wanted.from || date.slice(0, wanted.from.length) >= wanted.from)
    && (!wanted.to || date.slice(0, wanted.to.length) <= wanted.to)
    && (!wanted.verdict || (wanted.verdict === "not looked at" ? !looked : row.cells[3].textContent === wanted.verdict))
    && (!wanted.uncertain || (looked && row.cells[5].textContent !== "–"))
    && wanted.practices.every((name) => row.querySelector(`.mark.${name}${STANCE_SELECTORS[wanted.stance]}`));
}
