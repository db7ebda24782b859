import { csvAddress, figure, query, rows, whole } from "../analytics.js";
import { get } from "../api.js";
import { h } from "../element.js";
import * as format from "../format.js";
import { saveLink } from "../csv.js";
import { hours } from "../parts/heat.js";
import { liveFeed } from "../parts/live.js";
import { plot } from "../parts/plot.js";
import { info } from "../parts/popover.js";
import { card, nothing } from "../parts/section.js";
import { tile } from "../parts/tile.js";
import { fragment, interval } from "../view.js";
import { addDays, dayOf, startOfDay } from "../zone.js";

const WEEK = 7;
/** Figures are counted by quarters of an hour, in milliseconds. */
const QUARTER = 900_000;

/** What a day is looked at by, the first of them that are kept; and whether more of it is better, or less. */
const TILES = [
  ["Messages", "messages", "more"],
  ["Active people", "active-users", "more"],
  ["Conversations begun", "conversations-started", "more"],
  ["Typical first response", "first-response", "less"],
  ["Flags", "flags", "less"],
  ["New people", "new-users", "more"],
  ["Offers", "offers", "more"],
  ["Reactions", "reactions", "more"],
];
const SHOWN = 5;

/** The last day of the range against the same weekday a week before; of today only what has passed of it. */
function days({ to, today, now, zone }) {
  const earlier = addDays(to, -WEEK);
  const start = startOfDay(earlier, zone);
  if (to < today) return { now: { from: to, to }, before: { from: earlier, to: earlier }, against: `on ${format.day(earlier)}`, title: format.day(to) };
  const begun = startOfDay(today, zone);
  const passed = Math.max(QUARTER, Math.floor((now - begun) / QUARTER) * QUARTER);
  const instant = (milliseconds) => new Date(milliseconds).toISOString();
  return {
    now: { from: instant(begun), to: instant(begun + passed) },
    before: { from: instant(start), to: instant(start + passed) },
    against: `last ${format.weekday(earlier)} by then`,
    title: `Today until ${format.minute(begun + passed, zone)}`,
  };
}

export function page({ view, signal, metric }) {
  const day = days(view);
  const both = (name) => async () => {
    const [now, before] = await Promise.all([day.now, day.before].map((range) => figure(name, query(view, range), signal)));
    return { now: whole(now), before: whole(before) };
  };
  const today = TILES.filter(([, name]) => metric(name)).slice(0, SHOWN);
  const tiles = today.map(([title, name, better]) => tile({ title, metric: metric(name), better, against: day.against, load: both(name) }));
  return h(
    "div",
    { class: "stack" },
    h("h2", {}, day.title, " ", h("span", { class: "quiet" }, view.to < view.today ? "" : format.day(view.to))),
    h("section", { class: "tiles", "aria-label": day.title }, tiles),
    h(
      "div",
      { class: "grid" },
      byHour(view, signal, metric("messages"), day),
      h("div", { class: "third stack" }, liveFeed(view, signal)),
      byTime(view, signal, metric("messages")),
      peaks(view, signal, metric("messages")),
    ),
  );
}

/** The day hour by hour, and a week before. */
function byHour(view, signal, metric, day) {
  const earlier = addDays(view.to, -WEEK);
  const load = () => Promise.all([view.to, earlier].map((date) => figure("messages", query(view, { from: date, to: date, interval: "hour", limit: 30 }), signal)));
  return card({
    title: "Messages by the hour",
    info: info(metric),
    className: "two-thirds",
    room: "15rem",
    tools: saveLink(`messages-${view.to}`, csvAddress("messages", query(view, { from: view.to, to: view.to, interval: "hour" }))),
    load,
    empty: "No message on this day, nor a week before.",
    draw([now, before]) {
      const isEmpty = [now, before].every(({ data }) => data.every(({ value }) => !value));
      if (isEmpty) return latest(view, signal);
      const hour = ({ from }) => from.slice(11, 16);
      const labels = (now.data.length >= before.data.length ? now : before).data.map(hour);
      const at = (answer) => {
        const values = new Map(answer.data.map((row) => [hour(row), row.value]));
        return labels.map((label) => values.get(label) ?? null);
      };
      const isToday = view.to === view.today;
      const passed = at(now).map((value, index) => (isToday && Date.parse(now.data[index]?.to) > view.now ? null : value));
      return plot({
        type: "line",
        label: `Messages by the hour on ${format.day(view.to)}, and on ${format.day(earlier)}`,
        heading: "Hour",
        labels,
        series: [
          { name: isToday ? "Today, by whole hours" : format.day(view.to), values: passed, tone: "main" },
          { name: format.day(earlier), values: at(before), tone: "before", isDashed: true },
        ],
        format: format.short,
        signal,
      });
    },
  });
}

/** Nothing to see on this day: says where there is something. */
function latest(view, signal) {
  const place = h("div", {}, nothing("No message on this day, nor a week before."));
  get("/api/v1/webhooks/getstream/messages", { limit: 1, deleted: "include" }, signal)
    .then(({ data: [message] }) => {
      if (!message) return place.append(nothing("There is no message at all yet. In a minute: "), h("code", {}, ".build/release/backchannel replay Fixtures/conversation"));
      const day = dayOf(Date.parse(message.createdAt), view.zone);
      place.append(h("a", { class: "button", href: fragment(view, { from: addDays(day, -29), to: day }) }, `Show the 30 days up to ${format.day(day)}, when the latest was written`));
    })
    .catch(() => {});
  return place;
}

function byTime(view, signal, metric) {
  const cut = interval(view);
  const asked = query(view, { interval: cut });
  return card({
    title: `Messages by ${cut}`,
    sub: `${format.day(view.from)} to ${format.day(view.to)}`,
    info: info(metric),
    className: "two-thirds",
    room: "15rem",
    tools: saveLink("messages", csvAddress("messages", asked)),
    load: () => rows("messages", asked, signal),
    empty: "No message in this range.",
    draw: ({ data, total }) =>
      data.some(({ value }) => value)
        ? [
            h("p", { class: "quiet small" }, `${format.number(total ?? data.reduce((sum, { value }) => sum + value, 0))} in all`),
            plot({
              type: "bar",
              label: `Messages by ${cut}`,
              labels: data.map(({ from }) => format.bucket(from, cut)),
              names: data.map(({ from }) => (cut === "hour" ? from.slice(0, 16).replace("T", " ") : format.day(from.slice(0, 10)))),
              series: [{ name: "Messages", values: data.map(({ value }) => value), tone: "main" }],
              format: format.short,
              link: (index) => fragment(view, { page: "messages", ...daysOf(data[index]), filters: { deleted: "include" } }),
              signal,
            }),
          ]
        : null,
  });
}

/** The days of a part of a chart, the last one included. */
const daysOf = ({ from, to }) => ({ from: from.slice(0, 10), to: to.slice(11, 16) === "00:00" ? addDays(to.slice(0, 10), -1) : to.slice(0, 10) });

/** The busiest hours of the week. */
function peaks(view, signal, metric) {
  const asked = query(view, { groupBy: "weekdayHour", limit: 168 });
  return card({
    title: "Peak hours",
    info: info(metric),
    className: "third",
    room: "15rem",
    tools: saveLink("peak-hours", csvAddress("messages", asked)),
    load: () => rows("messages", asked, signal),
    empty: "No message in this range.",
    draw({ data }) {
      const counts = new Map(data.filter(({ value }) => value).map(({ group, value }) => [group, value]));
      if (!counts.size) return null;
      const [group, count] = [...counts].sort(([, one], [, other]) => other - one)[0];
      const weekdays = ["Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"];
      const hour = Number(group.slice(2));
      return [
        h("p", { class: "small" }, `Most on ${weekdays[group[0] - 1]} from ${hour}:00 to ${hour + 1}:00: `, h("b", {}, format.number(count)), "."),
        h("br"),
        hours(counts, "Messages by weekday and hour", (value) => `${format.number(value)} messages`),
      ];
    },
  });
}
