/* ---- start ---- */

addEventListener("hashchange", () => showRoute(true));
addEventListener("keydown", pressKey);
document.querySelector(".skip").addEventListener("click", skipToContent);
if (overview) prepareOverview();
else if (!ROUTE.test(location.hash)) location.replace("#" + document.querySelector("script[id]").id.replace("ite-", ""));
showRoute(false);
