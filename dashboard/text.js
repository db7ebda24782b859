import { h } from "./element.js";

/** What people wrote, shown as it is and never interpreted. */

/** Characters that turn, hide or break text: shown by their names. */
const CONTROLS = {
  "\u061c": "ALM", "\u200e": "LRM", "\u200f": "RLM", "\u202a": "LRE", "\u202b": "RLE", "\u202c": "PDF", "\u202d": "LRO",
  "\u202e": "RLO", "\u2066": "LRI", "\u2067": "RLI", "\u2068": "FSI", "\u2069": "PDI", "\u200b": "ZWSP", "\u2028": "LSEP",
  "\u2029": "PSEP", "\ufeff": "BOM", "\u00ad": "SHY", "\u2060": "WJ",
};
const CONTROL = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u200b\u2028\u2029\ufeff\u00ad\u2060\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** Characters shown before the rest is folded away. */
export const FOLD = 600;

/** A text of any length, with what is beyond some lines folded. */
export function written(text, { fold = FOLD } = {}) {
  if (text === null || text === undefined) return h("span", { class: "quiet" }, "no text");
  const characters = Array.from(text);
  const place = h("bdi", { class: "written" });
  if (characters.length <= fold + 100) {
    place.append(...visible(text));
    return place;
  }
  const rest = characters.length - fold;
  const more = h("button", { class: "button plain", type: "button", "aria-expanded": "false" }, `${rest.toLocaleString("en-GB")} more characters`);
  const show = (isOpen) => {
    place.replaceChildren(...visible(isOpen ? text : characters.slice(0, fold).join("") + "…"));
    more.setAttribute("aria-expanded", String(isOpen));
    more.textContent = isOpen ? "Show less" : `${rest.toLocaleString("en-GB")} more characters`;
  };
  more.addEventListener("click", () => show(more.getAttribute("aria-expanded") === "false"));
  show(false);
  return h("span", {}, place, " ", more);
}

/** A short text in one line, such as a preview. */
export function line(text, most = 120) {
  const characters = Array.from((text ?? "").replaceAll(/\s+/g, " "));
  const shown = characters.length > most ? characters.slice(0, most).join("") + "…" : characters.join("");
  return h("bdi", { class: "written" }, ...visible(shown));
}

/** An identifier, which others have chosen. */
export const identifier = (id) => h("bdi", { class: "id" }, ...visible(id ?? "–"));

/** A person's name as others have chosen it, or else the id. */
export const name = (text, id) => h("bdi", { class: "written", title: id ?? "" }, ...visible(text || id || "unknown"));

function visible(text) {
  const nodes = [];
  let end = 0;
  for (const match of String(text).matchAll(CONTROL)) {
    if (match.index > end) nodes.push(text.slice(end, match.index));
    const code = match[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
    nodes.push(h("span", { class: "control", title: `U+${code}, made visible` }, CONTROLS[match[0]] ?? `U+${code}`));
    end = match.index + match[0].length;
  }
  nodes.push(String(text).slice(end));
  return nodes;
}
