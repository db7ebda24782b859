import { h } from "../element.js";
import { fragment, readView } from "../view.js";

/** The keyboard's ways. */
const PLACES = { o: "overview", c: "conversations", p: "people", l: "channels", r: "response", m: "messages", q: "moderation", d: "deliveries", s: "system" };
const WORDS = [
  ["g", "then a page's letter: o overview, c conversations, p people, l listings, r response times, m messages, q review queue, d deliveries, s system"],
  ["j k", "next and previous of a list"],
  ["x", "mark the one that is looked at, to decide about several"],
  ["/", "to the first filter"],
  ["?", "this list"],
];
const WAIT = 1200;

export function followKeys() {
  let waits = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
    if (!document.querySelector(".frame")) return;
    const isSecond = Date.now() - waits < WAIT;
    waits = 0;
    if (isSecond && PLACES[event.key]) location.hash = fragment(readView(location.hash), { page: PLACES[event.key], filters: {} });
    else if (event.key === "g") waits = Date.now();
    else if (event.key === "?") help();
    else if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
    else if (event.key === "x") document.querySelector(".items a[aria-current]")?.parentElement.querySelector("input")?.click();
    else if (event.key === "/") document.querySelector("main .fields input, main .fields select")?.focus();
    else return;
    event.preventDefault();
  });
}

function step(by) {
  const links = [...document.querySelectorAll(".items a")];
  const here = links.findIndex((link) => link.getAttribute("aria-current"));
  links[Math.min(Math.max(here + by, 0), links.length - 1)]?.click();
}

function help() {
  const close = h("button", { class: "button", type: "submit" }, "Close");
  const dialog = h(
    "dialog",
    { "aria-labelledby": "keys" },
    h("form", { method: "dialog", class: "stack" }, h("h2", { id: "keys" }, "Keys"), h("dl", { class: "facts" }, WORDS.flatMap(([key, words]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, words)])), h("div", {}, close)),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
