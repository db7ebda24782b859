/**
 * Makes an element of the page.
 *
 * What is given as text becomes text: nothing here, nor anywhere in the dashboard, takes text for markup.
 *
 * @param {string} tag
 * @param {object} attributes `class`, any attribute, `on` (event → handler), `style` (custom property → value), `data`
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...children.flat(3).filter(isShown));
  return element;
}

/** Puts these in the place of what an element held. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(3).filter(isShown));
  return element;
}

/** Text that is heard and not seen. */
export const heard = (text) => h("span", { class: "sr" }, text);

const isShown = (child) => child !== null && child !== undefined && child !== false;

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "on") {
    for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
  } else if (name === "style") {
    // By the object model: a style attribute would need 'unsafe-inline' in the policy.
    for (const [property, setting] of Object.entries(value)) element.style.setProperty(property, setting);
  } else if (name === "data") {
    Object.assign(element.dataset, value);
  } else if (name === "value") {
    element.value = value;
  } else {
    element.setAttribute(name, value === true ? "" : value);
  }
}
