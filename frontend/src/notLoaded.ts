// Where what all pages need does not come, as while one of several services is renewed, nothing else would be seen.
window.addEventListener(
  "error",
  ({ target }) => {
    const words = document.getElementById("not-loaded");
    if (words && target instanceof HTMLScriptElement && !document.getElementById("page")?.hasChildNodes()) {
      words.hidden = false;
    }
  },
  true,
);
