import { h } from "../element.js";

/** A field with its name above. */
export const field = (label, control) => h("label", { class: "field" }, h("span", {}, label), control);

export function select(options, chosen, on = {}, attributes = {}) {
  const element = h("select", { on, ...attributes }, options.map(([value, text]) => h("option", { value }, text)));
  element.value = chosen ?? "";
  return element;
}

/** A link of a few to choose from. */
export const choices = (label, options) =>
  h("nav", { class: "choices", "aria-label": label }, options.map(({ text, href, isChosen }) => h("a", { href, "aria-current": isChosen ? "true" : null }, text)));

/** A button that does something, says that it is under way, and says what went wrong. */
export function action(text, act, { className = "", confirm = null } = {}) {
  const button = h("button", { class: `button ${className}`, type: "button" }, text);
  button.addEventListener("click", async () => {
    if (confirm && !window.confirm(confirm)) return;
    button.disabled = true;
    try {
      await act();
    } catch (error) {
      say(error.message, true);
    } finally {
      button.disabled = false;
    }
  });
  return button;
}

/** Tells of something done, or not done, where screen readers listen. */
export function say(sentence, isBad = false) {
  const place = document.getElementById("said");
  place.replaceChildren(h("p", { class: `note ${isBad ? "bad" : ""}` }, sentence));
  clearTimeout(say.timer);
  say.timer = setTimeout(() => place.replaceChildren(), isBad ? 12_000 : 5_000);
}
