import { csvAddress, figure, query, rows, whole } from "../analytics.js";
import { h } from "../element.js";
import * as format from "../format.js";
import { saveLink } from "../csv.js";
import { choices } from "../parts/form.js";
import { compared } from "../parts/compared.js";
import { plot } from "../parts/plot.js";
import { info } from "../parts/popover.js";
import { ranked } from "../parts/ranked.js";
import { card, nothing } from "../parts/section.js";
import { table } from "../parts/table.js";
import { tile } from "../parts/tile.js";
import { fragment, interval } from "../view.js";

const KINDS = { "first-response": "First response", "reply-time": "Every reply", "read-latency": "Until read" };

export function page({ view, signal, metric }) {
  const of = compared(view, signal, metric);
  const kept = Object.entries(KINDS).filter(([key]) => metric(key));
  if (!kept.length) return nothing("This service keeps no response times.");
  const name = metric(view.filters.kind) && KINDS[view.filters.kind] ? view.filters.kind : kept[0][0];
  const kinds = choices("Which", kept.map(([key, text]) => ({ text, href: fragment(view, { filters: { kind: key } }), isChosen: key === name })));
  return h(
    "div",
    { class: "stack" },
    h(
      "section",
      { class: "tiles", "aria-label": "Response times" },
      of("First response, half within", "first-response", "less"),
      of("A reply, half within", "reply-time", "less"),
      of("Read, half within", "read-latency", "less"),
      tile({ title: "Unanswered now", metric: metric("unanswered"), load: async () => ({ now: whole(await figure("unanswered", query(view), signal)) }) }),
    ),
    h("div", {}, kinds),
    h("div", { class: "grid" }, overTime(view, signal, metric(name), name), spread(view, signal, metric(name), name), waiting(view, signal, metric("unanswered")), byGroup(view, signal, metric(name), name)),
  );
}

function overTime(view, signal, metric, name) {
  const cut = interval(view);
  const asked = query(view, { interval: cut });
  return card({
    title: `${KINDS[name]} by ${cut}`,
    info: info(metric),
    className: "two-thirds",
    room: "15rem",
    tools: saveLink(name, csvAddress(name, asked)),
    load: () => rows(name, asked, signal),
    empty: "Nobody answered in this range.",
    draw: ({ data }) =>
      data.some(({ value }) => value !== null)
        ? plot({
            type: "line",
            kind: "latency",
            label: `${KINDS[name]} by ${cut}: half and nine tenths within`,
            labels: data.map(({ from }) => format.bucket(from, cut)),
            series: [
              { name: "Half within", values: data.map(({ value }) => value), tone: "main" },
              { name: "Nine tenths within", values: data.map(({ latency }) => latency?.p90 ?? null), tone: "second" },
            ],
            format: format.span,
            signal,
          })
        : null,
  });
}

function spread(view, signal, metric, name) {
  return card({
    title: "How it is spread",
    info: info(metric),
    className: "third",
    load: () => figure(name, query(view), signal),
    empty: "Nobody answered in this range.",
    draw({ data }) {
      const latency = data[0]?.latency;
      if (!latency?.count) return null;
      const line = (term, value) => [term, value];
      const rows = [
        line("Half within", format.span(latency.p50)),
        line("Nine tenths within", format.span(latency.p90)),
        line("All but a hundredth within", format.span(latency.p99)),
        line("Mean", format.span(latency.mean)),
        latency.within !== null && latency.within !== undefined && line("Within target", typeof latency.within === "number" ? format.share(latency.within) : "–"),
        line("Counted", format.number(latency.count)),
      ].filter(Boolean);
      return table({ label: "Spread", columns: ["", { title: "", isNumber: true }], rows });
    },
  });
}

/** Conversations in which somebody waits now: for them a group's value is its age. */
const waiting = (view, signal, metric) =>
  ranked({ title: "Waiting for an answer now", view, signal, metric, name: "unanswered", groupBy: "channel", heading: "Channel", column: "For", unit: "seconds", most: 10, link: (group) => ({ page: "messages", filters: { channel: group } }) });

/** Who answers how fast, and where: those with the most answers first. */
function byGroup(view, signal, metric, name) {
  const groups = { user: "Who answers", channel: "Channels", listing: "Listings" };
  const offered = Object.keys(groups).filter((group) => metric.groupBy.includes(group));
  const chosen = offered.includes(view.filters.by) ? view.filters.by : offered[0];
  if (!chosen) return null;
  return h(
    "div",
    { class: "stack" },
    offered.length > 1 && choices("By", offered.map((group) => ({ text: groups[group], href: fragment(view, { filters: { by: group } }), isChosen: group === chosen }))),
    ranked({ title: `${KINDS[name]} by ${chosen === "user" ? "person" : chosen}`, view, signal, metric, name, groupBy: chosen, heading: groups[chosen], most: 20, link: (group) => ({ page: "messages", filters: { [chosen]: group } }) }),
  );
}
