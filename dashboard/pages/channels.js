import { h } from "../element.js";
import { choices } from "../parts/form.js";
import { compared } from "../parts/compared.js";
import { ranked } from "../parts/ranked.js";
import { fragment } from "../view.js";

/** What messages can be about. */
const KINDS = { channel: "Channels", channelType: "Kinds of channels", listing: "Listings", event: "Events", artist: "Artists", venue: "Venues", team: "Teams" };
const MEASURES = { messages: "Messages", "active-users": "Active people", offers: "Offers", attachments: "Attachments", "first-response": "First response", participation: "Members who wrote" };

export function page({ view, signal, metric }) {
  const of = compared(view, signal, metric);
  const kind = KINDS[view.filters.by] ? view.filters.by : "channel";
  const isKept = (measure) => metric(measure)?.groupBy.includes(kind);
  const name = isKept(view.filters.measure) ? view.filters.measure : "messages";
  const kinds = choices("What", Object.entries(KINDS).filter(([key]) => metric("messages")?.groupBy.includes(key)).map(([key, text]) => ({ text, href: fragment(view, { filters: { by: key } }), isChosen: key === kind })));
  const measures = choices(
    "Measured by",
    Object.entries(MEASURES).filter(([key]) => isKept(key)).map(([key, text]) => ({ text, href: fragment(view, { filters: { measure: key } }), isChosen: key === name })),
  );
  const link = { channel: (group) => ({ page: "messages", filters: { channel: group } }), listing: (group) => ({ page: "messages", filters: { listing: group } }) }[kind];
  return h(
    "div",
    { class: "stack" },
    h(
      "section",
      { class: "tiles", "aria-label": "Channels and listings" },
      of("Messages", "messages", "more"),
      of("Conversations begun", "conversations-started", "more"),
      of("Offers", "offers", "more"),
      of("Members who wrote", "participation", "more"),
    ),
    h("div", { class: "row" }, kinds, measures),
    ranked({ title: `${KINDS[kind]} by ${MEASURES[name].toLowerCase()}`, view, signal, metric: metric(name), name, groupBy: kind, heading: KINDS[kind], most: 50, link }),
  );
}
