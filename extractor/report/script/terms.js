/* ---- what policies name; term_table.py describes the data ---- */

const TERM_COLUMNS = ["period", "unit", "panel", "group", "term", "label", "of", "mentioning", "share", "low", "high", "denying"];

function prepareTerms() {
  const section = overview.querySelector(".named");
  if (section) section.append(make("p", { class: "downloads" }, rowsDownloadButton(termRows, "terms.csv")));
  for (const link of overview.querySelectorAll("[data-to]")) link.addEventListener("click", (event) => goToPart(event, link.dataset.to));
}

// The address says what view is shown, so a link within a view leaves it as it is
function goToPart(event, id) {
  event.preventDefault();
  const heading = document.getElementById(id);
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  heading.scrollIntoView();
}

function* termRows() {
  const { panels, shares, terms } = JSON.parse(document.getElementById("terms").textContent);
  yield TERM_COLUMNS;
  for (const [panel, [name, periods, of]] of panels.entries()) {
    for (const [place, period] of periods.entries()) {
      for (const [id, label, group, mentioning, denying] of terms) {
        const count = mentioning[panel][place];
        yield [period, "sites", name, group, id, label, of[place], count, ...(shares[`${count}/${of[place]}`] ?? ["", "", ""]), denying[panel][place]];
      }
    }
  }
}
