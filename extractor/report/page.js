"use strict";
const table = document.querySelector(".policies");
const form = document.querySelector("form");
if (table) makeSortable(), makeFilterable(), makeClosable();

function makeSortable() {
  for (const header of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = header.textContent;
    button.addEventListener("click", () => sortBy(header));
    header.replaceChildren(button);
  }
}

function sortBy(header) {
  const down = header.ariaSort ? header.ariaSort === "ascending" : Boolean(counts(header.dataset.key));
  for (const other of table.tHead.rows[0].cells) other.ariaSort = null;
  header.ariaSort = down ? "descending" : "ascending";
  const order = new Intl.Collator(undefined, { numeric: true }).compare;
  const keyed = [...table.tBodies].map((body) => [sortKey(body, header.dataset.key), body]);
  keyed.sort(([a], [b]) => (down ? order(b, a) : order(a, b)));
  table.append(...keyed.map(([, body]) => body));
}

function sortKey(body, key) {
  const cell = body.rows[0].querySelector(":scope > ." + key);
  return cell ? cell.dataset.count ?? cell.textContent : "";
}

function counts(key) {
  return table.querySelector(`.row > .${key}[data-count]`);
}

function makeFilterable() {
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  filter();
}

function filter() {
  const words = form.words.value.trim().toLowerCase();
  const wanted = [...form.querySelectorAll(":checked")].map((box) => box.value);
  let shown = 0;
  for (const body of table.tBodies) {
    body.hidden = !(speaksOf(body.rows[0], wanted) && isNamed(body.rows[0], words));
    shown += !body.hidden;
  }
  form.count.value = `${shown} of ${table.tBodies.length} shown`;
}

function speaksOf(row, practices) {
  return practices.every((practice) => row.querySelector(`:scope > .${practice} .mark.${practice}`));
}

function isNamed(row, words) {
  return [".site", ".title"].some((part) => row.querySelector(part).textContent.toLowerCase().includes(words));
}

// Closed, the fold covers its row and takes the click; open, the row itself has to
function makeClosable() {
  table.addEventListener("click", ({ target }) => {
    const row = target.closest(".row");
    if (row && getSelection().isCollapsed) row.parentNode.querySelector("details").open = false;
  });
}
