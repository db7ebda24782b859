import { h } from "./element.js";

/** Tables for spreadsheets: RFC 4180, with cells that a spreadsheet would compute made harmless. */

const cell = (value) => {
  let text = value === null || value === undefined ? "" : String(value);
  if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export const csv = (rows) => rows.map((row) => row.map(cell).join(",") + "\r\n").join("");

/** A button that saves rows which the page has already; the first one is their names. */
export function saveButton(name, rows) {
  const save = () => {
    const url = URL.createObjectURL(new Blob([csv(rows())], { type: "text/csv;charset=utf-8" }));
    h("a", { href: url, download: `${name}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
  return h("button", { class: "button plain", type: "button", title: "Save these rows as a spreadsheet", on: { click: save } }, "CSV");
}

/** A link that has the service write the file. */
export const saveLink = (name, url, title = "Save these figures as a spreadsheet") =>
  h("a", { class: "button plain", href: url, download: `${name}.csv`, title }, "CSV");
