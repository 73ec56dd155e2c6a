/* ---- copying ---- */

const QUOTE_CONTEXT = 40; // characters before and after a quotation

function copyButtons(site, number, index) {
  const name = `segment ${index}`;
  const button = (words, label, value) => make("button", { type: "button", "aria-label": label, on: { click: () => copy(value(), label) } }, words);
  return make("div", { class: "copy" },
    archiveLink(site.captures[number], "Archived page", site.texts[site.captures[number].segments[index][TEXT]]),
    button("Copy id", `Copy the id of ${name}`, () => `${site.captures[number].id}#${index}`),
    button("Copy selector", `Copy a selector of ${name}`, () => JSON.stringify(selector(site, number, index), null, 2)));
}

// https://www.w3.org/TR/annotation-model/#selectors; positions are in the record's text
function selector(site, number, index) {
  const capture = site.captures[number];
  const textAt = (place) => (capture.segments[place] ? site.texts[capture.segments[place][TEXT]] : "");
  const start = capture.segments[index][START];
  return {
    "@context": "http://www.w3.org/ns/anno.jsonld",
    type: "SpecificResource",
    source: capture.archive || capture.url,
    selector: [
      { type: "TextQuoteSelector", exact: textAt(index), prefix: textAt(index - 1).slice(-QUOTE_CONTEXT), suffix: textAt(index + 1).slice(0, QUOTE_CONTEXT) },
      { type: "TextPositionSelector", start, end: start + [...textAt(index)].length },
    ],
  };
}

async function copy(value, what) {
  const status = document.getElementById("copied");
  try {
    await navigator.clipboard.writeText(value);
    status.textContent = `Done: ${what}.`;
  } catch {
    const field = make("textarea", { readonly: true, rows: 8, "aria-label": what });
    field.value = value;
    const box = make("dialog", { "aria-label": what }, make("p", {}, "The browser does not let this page copy. Here it is to copy by hand:"), field, make("form", { method: "dialog" }, make("button", {}, "Close")));
    box.addEventListener("close", () => box.remove());
    document.body.append(box);
    box.showModal();
    field.select();
  }
}
