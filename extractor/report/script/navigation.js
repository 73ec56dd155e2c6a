/* ---- navigation ---- */

const ROUTE = /^#s(\d+)(?:\/c(\d+)(?:\/(\d+))?|\/d(\d+)-(\d+))?$/;
const sites = new Map();

function showRoute(moved) {
  const found = location.hash.match(ROUTE);
  const site = found && siteByNumber(found[1]);
  const finds = FIND_ROUTE.test(location.hash) && document.getElementById("captures");
  const stays = finds && view.querySelector("#find-form");
  view.hidden = !site && !finds;
  if (overview) overview.hidden = !view.hidden;
  showFindBox(!finds);
  if (finds) showFind();
  else if (site) showSite(site, found.slice(2).map((part) => (part === undefined ? undefined : Number(part))));
  else showOverview();
  if (moved && !stays && !(found && found[3])) focusHeading(view.hidden ? overview : view);
}

function showFindBox(shown) {
  const box = document.getElementById("find-box");
  if (box) box.hidden = !shown;
}

// By default the link would put #main in the address, which says what view is shown
function skipToContent(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

function focusHeading(part) {
  part?.querySelector("h1")?.focus({ preventScroll: true });
  scrollTo(0, 0);
}

function showOverview() {
  document.title = view.dataset.title;
  view.replaceChildren();
}

function siteByNumber(number) {
  if (!sites.has(number)) {
    const block = document.getElementById(`site-${number}`);
    sites.set(number, block && { number, ...JSON.parse(block.textContent) });
  }
  return sites.get(number);
}

function showSite(site, [capture, segment, before, after]) {
  const known = [capture, before, after].every((place) => place === undefined || site.captures[place]);
  const part = !known ? missingCapture(site) : before !== undefined && !samePolicy(site, before, after) ? differentPolicies(site) : capture !== undefined ? captureView(site, capture) : before !== undefined ? comparisonView(site, before, after) : changesView(site);
  document.title = `${replaceUnshowable(site.site)} · ${view.dataset.title}`;
  view.replaceChildren(siteHeader(site), ...timelines(site, [capture, before, after]), tabs(site, capture, before, after), part);
  addDownloadButtons(view);
  const target = segment !== undefined && document.getElementById(`segment-${segment}`);
  if (target) {
    target.classList.add("target");
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "center" });
  }
}

function missingCapture(site) {
  return make("p", { class: "warning" }, "There is no such capture of this site. ", make("a", { href: `#s${site.number}` }, "See those there are."));
}

// Captures of two policies are not compared
function samePolicy(site, before, after) {
  return timelineRows(site).some((row) => row.includes(before) && row.includes(after));
}

function differentPolicies(site) {
  return make("p", { class: "warning" }, "These are captures of two policies, which are not compared. ", make("a", { href: `#s${site.number}` }, "See what changed in each."));
}

function siteHeader(site) {
  const days = site.captures.map((capture) => day(capture)).filter(Boolean);
  const period = days.length ? `, ${[...new Set([days[0], days.at(-1)])].join(" to ")}` : "";
  return make("header", {},
    make("p", { class: "back" }, make("a", { href: view.dataset.home }, "← All sites")),
    make("h1", { tabindex: -1 }, site.site),
    make("p", { class: "lead" }, plural(site.captures.length, "capture", "captures"), period));
}

function tabs(site, capture, before, after) {
  const at = capture ?? after ?? latestLabelled(site);
  const pair = before === undefined ? neighbouringPair(site, at) : [before, after];
  const here = capture !== undefined ? 1 : before !== undefined ? 2 : 0;
  const links = [["What changed", `#s${site.number}`], ["Read", `#s${site.number}/c${at}`]];
  if (pair) links.push(["Compare", `#s${site.number}/d${pair[0]}-${pair[1]}`]);
  return make("nav", { "aria-label": "Views of this site" },
    make("ul", { class: "tabs" }, links.map(([name, href], place) => make("li", {}, make("a", { href, "aria-current": place === here && "page" }, name)))));
}

function latestLabelled(site) {
  const looked = site.captures.findLastIndex((capture) => capture.labelled);
  return looked < 0 ? site.captures.length - 1 : looked;
}

function neighbouringPair(site, at) {
  for (const story of site.stories) {
    const place = story.indexOf(at);
    if (place > 0) return [story[place - 1], at];
    if (place === 0 && story.length > 1) return [at, story[1]];
  }
  const row = timelineRows(site).find((captures) => captures.includes(at)) ?? [];
  const place = row.indexOf(at);
  return row.length < 2 ? undefined : place > 0 ? [row[place - 1], at] : [at, row[1]];
}

function day(capture) {
  return capture.time && `${capture.time.slice(0, 4)}-${capture.time.slice(4, 6)}-${capture.time.slice(6, 8)}`;
}

function captureName(capture) {
  return day(capture) || "no date";
}
