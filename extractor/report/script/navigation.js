/* ---- navigation ---- */

const ROUTE = /^#s(\d+)(?:\/c(\d+)(?:\/(\d+))?|\/d(\d+)-(\d+)|\/(all))?$/;
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
  else if (site) showSite(site, found.slice(2, 6).map((part) => (part === undefined ? undefined : Number(part))), Boolean(found[6]));
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

function showSite(site, [capture, segment, before, after], all) {
  const known = [capture, before, after].every((place) => place === undefined || site.captures[place]);
  const latest = capture === undefined && before === undefined && !all ? latestPair(site) : undefined;
  const pair = before === undefined ? latest : [before, after];
  const current = pair ?? [capture ?? latestLabelled(site)];
  const row = timelineRows(site).find((captures) => captures.includes(current.at(-1))) ?? [];
  const part = !known ? missingCapture(site) : all ? changesView(site) : !pair ? captureView(site, current[0]) : !samePolicy(site, ...pair) ? differentPolicies(site) : comparisonView(site, ...pair, { latest: Boolean(latest) });
  document.title = `${replaceUnshowable(site.site)} · ${view.dataset.title}`;
  view.replaceChildren(siteHeader(site), policyLinks(site, row), all || !row.length ? "" : timelineSection(site, row, current), tabs(site, all ? "all" : pair ? "pair" : "read", current.at(-1), pair), part);
  addDownloadButtons(view);
  scrollToCurrent(view.querySelector(".time"));
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
  return make("p", { class: "warning" }, "These are captures of two policies, which are not compared. ", make("a", { href: `#s${site.number}/all` }, "See what changed in each."));
}

function siteHeader(site) {
  const days = site.captures.map((capture) => capture.day).filter(Boolean);
  const period = days.length ? `, ${[...new Set([days[0], days.at(-1)])].join(" to ")}` : "";
  return make("header", { class: "site" },
    make("p", { class: "back" }, make("a", { href: view.dataset.home }, "← All sites")),
    make("h1", { tabindex: -1 }, site.site),
    make("p", { class: "lead" }, plural(site.captures.length, "capture", "captures"), period));
}

// A site with several policies shows one of them at a time
function policyLinks(site, current) {
  const rows = timelineRows(site);
  if (rows.length < 2) return "";
  const links = rows.map((row) => {
    const pair = latestPair(site, row);
    const href = pair ? pairAddress(site, pair) : `#s${site.number}/c${row.findLast((number) => site.captures[number].labelled) ?? row.at(-1)}`;
    return make("li", {}, make("a", { href, "aria-current": row === current && "true" }, site.captures[row.at(-1)].policy));
  });
  return make("nav", { "aria-label": "Policies of this site" }, make("ul", { class: "policies" }, links));
}

function tabs(site, here, capture, shown) {
  const pair = shown ?? neighbouringPair(site, capture);
  const links = [["all", "All changes", `#s${site.number}/all`], ["read", "Read", `#s${site.number}/c${capture}`]];
  if (pair) links.unshift(["pair", "Compare", pairAddress(site, pair)]);
  return make("nav", { "aria-label": "Views of this site" },
    make("ul", { class: "tabs" }, links.map(([name, words, href]) => make("li", {}, make("a", { href, "aria-current": name === here && "page" }, words)))));
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

function captureName(capture) {
  return capture.day || "no date";
}
