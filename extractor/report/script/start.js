/* ---- start ---- */

addEventListener("hashchange", () => showRoute(true));
addEventListener("keydown", pressKey);
document.querySelector(".skip").addEventListener("click", skipToContent);
prepareFindBox();
if (overview) {
  prepareOverview();
  prepareGrid();
  prepareTerms();
} else if (!ROUTE.test(location.hash) && !FIND_ROUTE.test(location.hash)) location.replace("#" + document.querySelector("script[id^='site-']").id.replace("ite-", ""));
showRoute(false);
