import { h } from "../element.js";
import * as format from "../format.js";
import { identifier } from "../text.js";
import { card } from "./section.js";

/** What is stored at this moment, as the service tells of it. */

const SHOWN = 40;

export function liveFeed(view, signal) {
  const list = h("ol", { class: "feed", tabindex: "0", "aria-label": "Events as they are stored" });
  const said = h("p", { class: "quiet small", role: "status" }, "Connecting …");
  const source = new EventSource("/api/v1/live");
  signal.addEventListener("abort", () => source.close());
  source.addEventListener("open", () => (said.textContent = "Connected. Events appear here as they are stored."));
  source.addEventListener("error", () => {
    said.textContent = source.readyState === EventSource.CLOSED ? "There is no live feed here." : "The connection was lost; trying again …";
  });
  const show = ({ data }) => {
    const entry = entryOf(data, view);
    if (!entry) return;
    said.textContent = "";
    list.prepend(entry);
    while (list.children.length > SHOWN) list.lastChild.remove();
  };
  source.addEventListener("message", show);
  source.addEventListener("event", show);
  return card({ title: "Live", className: "", load: async () => null, draw: () => [said, list] });
}

/** What happened, where and by whom; never what was written. */
function entryOf(text, view) {
  let event;
  try {
    event = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof event.type !== "string") return null;
  const at = event.at ?? event.received ?? event.created_at;
  const place = event.cid ?? event.channel;
  const user = event.user_id ?? event.user;
  return h(
    "li",
    {},
    h("time", { datetime: at ?? null }, at ? format.clock(at, view.zone) : ""),
    h("span", {}, h("bdi", {}, event.type.replaceAll(/[._]/g, " ")), typeof user === "string" ? [" by ", identifier(user)] : null, typeof place === "string" ? [" in ", identifier(place)] : null),
  );
}
