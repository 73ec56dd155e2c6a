/* ---- start ---- */

addEventListener("hashchange", () => showRoute(true));
document.querySelector(".skip").addEventListener("click", skipToContent);
if (overview) {
  prepareOverview();
  prepareGrid();
  addDownloads();
}
else if (!ROUTE.test(location.hash)) location.replace("#" + document.querySelector("script[id]").id.replace("ite-", ""));
showRoute(false);
