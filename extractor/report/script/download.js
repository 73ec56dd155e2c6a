/* ---- tables as CSV ---- */

const FORMULA_START = /^[=+\-@\t\r]/;
const PLAIN_NUMBER = /^[+-]?[\d.,]+%?$/;

function downloadButton(table, fileName) {
  const name = fileName.replace(/\.csv$/, "");
  return make("button", { type: "button", class: "download", "aria-label": `Download ${name} as CSV`, on: { click: () => saveFile(csvText(table), fileName) } }, "Download CSV");
}

// RFC 4180, with a byte order mark so that spreadsheets read it as UTF-8
function csvText(table) {
  const lines = [...table.rows].map((row) => [...row.cells].map(csvField).join(","));
  return `\ufeff${lines.join("\r\n")}\r\n`;
}

// A spreadsheet would run a text that begins like a formula
function csvField(cell) {
  const words = cell.textContent.replace(/\s+/g, " ").trim();
  const safe = FORMULA_START.test(words) && !PLAIN_NUMBER.test(words) ? `'${words}` : words;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function saveFile(text, fileName) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  make("a", { href: url, download: fileName }).click();
  setTimeout(() => URL.revokeObjectURL(url));
}
