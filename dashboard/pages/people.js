import { csvAddress, figure, query } from "../analytics.js";
import { h } from "../element.js";
import * as format from "../format.js";
import { saveLink } from "../csv.js";
import { cohorts } from "../parts/heat.js";
import { choices } from "../parts/form.js";
import { compared } from "../parts/compared.js";
import { overTime } from "../parts/over-time.js";
import { info } from "../parts/popover.js";
import { ranked } from "../parts/ranked.js";
import { card } from "../parts/section.js";
import { fragment, interval } from "../view.js";

const PERIODS = { day: "by day", week: "by week", month: "by month" };

export function page({ view, signal, metric }) {
  const of = compared(view, signal, metric);
  return h(
    "div",
    { class: "stack" },
    h(
      "section",
      { class: "tiles", "aria-label": "People" },
      of("Active", "active-users", "more"),
      of("New", "new-users", "more"),
      of("Came back", "returning-users", "more"),
      of("Messages each", "messages-per-user", "more"),
      of("Began to chat", "adoption", "more"),
      of("New connections", "new-connections", "more"),
    ),
    h("div", { class: "grid" }, activity(view, signal, metric), retention(view, signal, metric), most(view, signal, metric)),
  );
}

function activity(view, signal, metric) {
  const cut = interval(view) === "hour" ? "day" : interval(view);
  return overTime({
    title: `Active people by ${cut}`,
    label: `Active and new people by ${cut}`,
    type: "line",
    empty: "Nobody was active in this range.",
    cut,
    lines: [["active-users", "Active", "main"], ["new-users", "New", "second"]],
    view,
    signal,
    metric,
  });
}

function retention(view, signal, metric) {
  if (!metric("cohorts")) return null;
  const period = PERIODS[view.filters.cohorts] ? view.filters.cohorts : "week";
  const asked = query(view, { interval: period });
  const tools = choices(
    "Cohorts",
    Object.entries(PERIODS).map(([key, text]) => ({ text, href: fragment(view, { filters: { cohorts: key } }), isChosen: key === period })),
  );
  return card({
    title: "Who comes back",
    sub: `of those who were first seen in a ${period}, per cent active so many ${period}s later`,
    info: info(metric("cohorts")),
    room: "16rem",
    tools: [tools, saveLink("cohorts", csvAddress("cohorts", asked))],
    load: () => figure("cohorts", asked, signal),
    empty: "Nobody was first seen in this range.",
    draw({ data }) {
      const shown = data.filter(({ size }) => size > 0);
      if (!shown.length) return null;
      const named = shown.map(({ from, size, values }) => ({
        name: period === "month" ? format.bucket(from, "month") : format.shortDay(from.slice(0, 10)),
        size,
        values: shares(values, size),
      }));
      return cohorts(named, `Cohorts by ${period}`, period === "week" ? "Week of" : "First seen");
    },
  });
}

/** Cohorts may come as counts or as shares of them. */
function shares(values, size) {
  const areCounts = Math.max(...values) > 1;
  return values.map((value) => (value === null || !areCounts ? value : value / size));
}

const most = (view, signal, metric) =>
  ranked({ title: "Who wrote most", view, signal, metric: metric("messages"), name: "messages", groupBy: "user", heading: "User", most: 15, link: (group) => ({ page: "messages", filters: { user: group } }) });
