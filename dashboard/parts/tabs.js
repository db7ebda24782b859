import { h } from "../element.js";
import { fragment } from "../view.js";

/** Parts of one page. @param {[string | null, string][]} names  the first has no name in the address */
export function tabs(label, view, names) {
  const chosen = names.some(([name]) => name === view.filters.tab) ? view.filters.tab : null;
  const keeps = Object.fromEntries(Object.keys(view.filters).map((name) => [name, null]));
  return h(
    "nav",
    { class: "tabs", "aria-label": label },
    names.map(([name, text]) => h("a", { href: fragment(view, { filters: { ...keeps, tab: name } }), "aria-current": name === chosen ? "page" : null }, text)),
  );
}
