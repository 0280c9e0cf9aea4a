// Runs before the first paint, so that nobody sees the wrong theme flash by.
(() => {
  let choice = null;
  try {
    choice = localStorage.getItem("medianest.theme");
  } catch {}
  const dark =
    choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
