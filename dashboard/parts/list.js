import { h } from "../element.js";
import { fragment } from "../view.js";
import { field, select } from "./form.js";

/**
 * The filters of a list; a change of one begins the list anew.
 *
 * @param {string[]} chosen  the filters that name a row of the list, which need not be in it afterwards
 * @param {Array} fields  name, label, and what there is to choose from or, of a text, what it may look like
 */
export function filters(view, chosen, fields, ...more) {
  const left = Object.fromEntries([...chosen, "cursor"].map((name) => [name, null]));
  const go = (name, value) => (location.hash = fragment(view, { filters: { ...left, [name]: value || null } }));
  const control = ([name, label, form]) =>
    field(label, Array.isArray(form) ? select(form, view.filters[name], { change: (event) => go(name, event.target.value) }, { name }) : text(name, form));
  const text = (name, placeholder) =>
    h("input", { name, placeholder, value: view.filters[name] ?? "", autocomplete: "off", spellcheck: "false", on: { change: (event) => go(name, event.target.value.trim()) } });
  return h("form", { class: "card fields", role: "search", "aria-label": "Filters", on: { submit: (event) => event.preventDefault() } }, fields.map(control), more);
}

/** The way to the next page of a list, and back to the first. */
export function pages(view, { next }) {
  const link = (text, cursor) => h("a", { class: "button", href: fragment(view, { filters: { cursor } }) }, text);
  const links = [view.filters.cursor && link("First page", null), next && link("Next page", next)].filter(Boolean);
  return links.length ? h("p", { class: "row" }, links) : null;
}
