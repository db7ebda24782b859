import { h } from "../element.js";
import * as format from "../format.js";
import { identifier } from "../text.js";
import { card } from "./section.js";

/** What is stored at this moment, as the service tells of it. */

const SHOWN = 40;

export function liveFeed(view, signal) {
  const list = h("ol", { class: "feed", tabindex: "0", "aria-label": "Events as they are stored" });
  const said = h("p", { class: "quiet small", role: "status" }, "Connecting …");
  const figures = h("p", { class: "small" });
  const source = new EventSource("/api/v1/live");
  signal.addEventListener("abort", () => source.close());
  source.addEventListener("open", () => (said.textContent = list.children.length ? "" : "Connected. Events appear here as they are stored."));
  source.addEventListener("error", () => {
    said.textContent = source.readyState === EventSource.CLOSED ? "The live feed is not to be had now." : "The connection was lost; trying again …";
  });
  source.addEventListener("message", ({ data }) => {
    said.textContent = "";
    list.prepend(entry(JSON.parse(data), view));
    while (list.children.length > SHOWN) list.lastChild.remove();
  });
  source.addEventListener("figures", ({ data }) => (figures.textContent = words(JSON.parse(data))));
  return card({ title: "Live", load: async () => null, draw: () => [figures, said, list] });
}

/** What the service itself says every second. */
function words({ stored_today: today, stored_per_second: rate, queue_rows: waiting, open_reviews: reviews }) {
  const parts = [
    today !== null && `${format.number(today)} events stored today`,
    rate !== null && rate > 0 && `${format.number(Math.round(rate * 10) / 10)} a second`,
    waiting > 0 && `${format.number(waiting)} waiting`,
    reviews > 0 && `${format.number(reviews)} to review`,
  ];
  return parts.filter(Boolean).join(" · ");
}

/** What happened, where and by whom; never what was written. */
function entry({ type, received, cid, sender_id: sender, users }, view) {
  const user = sender ?? users?.[0];
  return h(
    "li",
    {},
    h("time", { datetime: received }, format.clock(received, view.zone)),
    h("span", {}, h("bdi", {}, type.replaceAll(/[._]/g, " ")), user && [" by ", identifier(user)], cid && [" in ", identifier(cid)]),
  );
}
