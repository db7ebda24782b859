import { h } from "../element.js";

/**
 * A table; the first column heads the rows.
 *
 * @param {(string | {title: string, isNumber?: boolean})[]} options.columns
 * @param {(Node | string)[][]} options.rows
 */
export function table({ label, columns, rows }) {
  const heads = columns.map((column) => (typeof column === "string" ? { title: column } : column));
  const kind = (index) => (heads[index].isNumber ? "number" : heads[index].class ?? "");
  return h(
    "div",
    { class: "table", tabindex: "0", role: "region", "aria-label": label },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, heads.map(({ title }, index) => h("th", { scope: "col", class: kind(index) }, title)))),
      h(
        "tbody",
        {},
        rows.map((cells) => h("tr", {}, cells.map((cell, index) => (index === 0 ? h("th", { scope: "row" }, cell) : h("td", { class: kind(index) }, cell))))),
      ),
    ),
  );
}
