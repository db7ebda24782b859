import { Refusal } from "../api.js";
import { fill, h } from "../element.js";

/**
 * A card whose content is loaded: it shows that it waits, what came, that there is nothing, or what went wrong.
 *
 * @param {object} options
 * @param {string} options.title
 * @param {() => Promise} options.load
 * @param {(loaded, tools: HTMLElement, again: () => Promise) => Node | Node[] | null} options.draw  null: there is nothing
 * @param {string} options.empty  one sentence: what would stand here, and what to do
 */
export function card({ title, sub = null, info = null, className = "", tools = null, ...content }) {
  const toolbar = h("div", { class: "tools" }, tools);
  const body = h("div", {});
  const header = h("header", {}, h("h2", {}, title), info, sub && h("span", { class: "sub" }, sub), toolbar);
  loading(body, { ...content, toolbar });
  return h("section", { class: `card ${className}`, "aria-label": title }, header, body);
}

/** The same without a card around it. What the service cannot answer yet is asked for again when it says. */
export async function loading(body, { load, draw, empty = "Nothing in this range.", room = "6rem", toolbar = null }) {
  let next = null;
  const attempt = async (told = null) => {
    clearTimeout(next);
    body.setAttribute("aria-busy", "true");
    if (told === null) fill(body, h("div", { class: "waiting", style: { "--room": room } }, h("span", { class: "sr" }, "Loading …")));
    try {
      const drawn = draw(await load(), toolbar, () => attempt());
      fill(body, drawn === null ? nothing(empty) : drawn);
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!(error instanceof Refusal)) console.error(error);
      // What is said already is not said again.
      if (error.message !== told) fill(body, failed(error, () => attempt()));
      if (error.status === 503 && error.retryAfter) {
        next = setTimeout(() => body.isConnected && attempt(error.message), error.retryAfter * 1000);
      }
    } finally {
      body.removeAttribute("aria-busy");
    }
  };
  await attempt();
}

export const nothing = (sentence, ...more) => h("div", { class: "state", role: "status" }, h("span", {}, sentence), more);

export function failed(error, again = null) {
  const isMissing = error instanceof Refusal && error.status === 404;
  const detail = error instanceof Refusal ? error.message : "The page could not show the answer; the browser's console says why.";
  const words = {
    0: "No connection", 403: "Not for this key", 404: "Not here", 429: "Too many requests",
    503: "Not at this moment", 504: "Took too long",
  };
  return h(
    "div",
    { class: `state ${isMissing ? "" : "failed"}`, role: "alert" },
    h("strong", {}, words[error.status] ?? "That did not work"),
    h("span", {}, detail),
    again && h("button", { class: "button", type: "button", on: { click: again } }, "Try again"),
  );
}

/** What stands in place of a page that could not be shown at all. */
export const closing = (error, again) => h("div", { class: "card" }, failed(error, again));
