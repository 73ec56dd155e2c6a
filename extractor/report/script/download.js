/* ---- tables as CSV files ---- */

const FORMULA_START = /^[=+\-@＝＋－＠\t\r\n]/; // which spreadsheets take for the start of a formula (OWASP)
const NUMBER = /^[-+]?\d+(?:\.\d+)?%?$/;
const THOUSANDS = /^-?\d{1,3}(?:,\d{3})+$/;
const ROWS_IN_PART = 1000;
const downloadable = new WeakSet(); // tables with a button

function downloadButton(table, fileName) {
  downloadable.add(table);
  return rowsDownloadButton(() => tableRows(table), fileName);
}

// `rows` returns an iterable of rows of values, the names of the columns first
function rowsDownloadButton(rows, fileName) {
  const save = () => saveFile(csvParts(rows()), fileName, "text/csv;charset=utf-8");
  return make("button", { type: "button", class: "download", "aria-label": `Download ${fileName}`, on: { click: save } }, "Download CSV");
}

function addDownloadButtons(part) {
  for (const table of part.querySelectorAll("table[data-download], table.shares, table.values")) {
    if (!downloadable.has(table)) (table.closest(".scroll") ?? table).after(make("p", { class: "downloads" }, downloadButton(table, table.dataset.download ?? `${table.classList[0]}.csv`)));
  }
}

function saveFile(parts, name, type) {
  const address = URL.createObjectURL(new Blob(parts, { type }));
  const link = make("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

// RFC 4180, with a byte order mark, without which Excel does not read UTF-8
function csvParts(rows) {
  const parts = ["\ufeff"];
  let lines = [];
  for (const row of rows) {
    lines.push(row.map(csvValue).join(",") + "\r\n");
    if (lines.length === ROWS_IN_PART) {
      parts.push(lines.join(""));
      lines = [];
    }
  }
  return [...parts, lines.join("")];
}

function csvValue(value) {
  const words = String(value);
  const safe = FORMULA_START.test(words) && !NUMBER.test(words) ? `'${words}` : words;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

// Rows that a filter hides are left out, and columns that are only drawn
function tableRows(table) {
  const grid = cellGrid([...table.rows].filter((row) => !row.hidden));
  const drawn = new Set(grid.flatMap((row) => row.flatMap((cell, place) => (cell.querySelector("svg") && !cell.textContent.trim() ? place : []))));
  return grid.map((row) => row.filter((_, place) => !drawn.has(place)).map(cellValue));
}

// A cell over several columns or rows stands in each of them
function cellGrid(rows) {
  const grid = rows.map(() => []);
  rows.forEach((row, y) => {
    for (const cell of row.cells) {
      let x = 0;
      while (grid[y][x]) x++;
      for (let down = 0; down < cell.rowSpan && grid[y + down]; down++) {
        for (let right = 0; right < cell.colSpan; right++) grid[y + down][x + right] = cell;
      }
    }
  });
  return grid;
}

function cellValue(cell) {
  const words = cell.textContent.trim().replace(/\s+/g, " ");
  return words === "–" ? "" : THOUSANDS.test(words) ? words.replaceAll(",", "") : words;
}
