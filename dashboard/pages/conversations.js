import { csvAddress, figure, query, whole } from "../analytics.js";
import { h } from "../element.js";
import * as format from "../format.js";
import { saveLink } from "../csv.js";
import { overTime } from "../parts/over-time.js";
import { info } from "../parts/popover.js";
import { card } from "../parts/section.js";
import { table } from "../parts/table.js";
import { tile } from "../parts/tile.js";
import { ranked } from "../parts/ranked.js";
import { compared } from "../parts/compared.js";
import { interval } from "../view.js";

export function page({ view, signal, metric }) {
  const of = compared(view, signal, metric);
  return h(
    "div",
    { class: "stack" },
    h(
      "section",
      { class: "tiles", "aria-label": "Conversations" },
      of("Begun", "conversations-started", "more"),
      of("Two-sided", "conversations-two-sided", "more"),
      metric("conversations-started") && tile({ title: "Answered", metric: metric("conversations-two-sided"), unit: "share", load: () => answered(view, signal) }),
      of("Messages in each", "conversation-length", "more"),
      of("They last, half within", "conversation-longevity", "more"),
      tile({ title: "Unanswered now", metric: metric("unanswered"), load: async () => ({ now: whole(await figure("unanswered", query(view), signal)) }) }),
    ),
    h("div", { class: "grid" }, begun(view, signal, metric), volume(view, signal, metric), kinds(view, signal, metric), ages(view, signal, metric("unanswered"))),
  );
}

/** Of those that began, how many two have spoken in. */
async function answered(view, signal) {
  const [begun, answered] = await Promise.all(["conversations-started", "conversations-two-sided"].map((name) => figure(name, query(view), signal)));
  const [all, some] = [whole(begun), whole(answered)];
  return { now: all ? Math.min(1, some / all) : null, note: all ? `${format.number(some)} of ${format.number(all)}` : "none began" };
}

function begun(view, signal, metric) {
  const cut = interval(view);
  return overTime({
    title: `Begun and answered, by ${cut}`,
    label: `Conversations begun and two-sided by ${cut}`,
    type: "bar",
    empty: "No conversation began in this range.",
    cut,
    lines: [["conversations-started", "Begun", "before"], ["conversations-two-sided", "Two-sided", "main"]],
    view,
    signal,
    metric,
  });
}

function volume(view, signal, metric) {
  const cut = interval(view);
  const names = ["thread-replies", "reactions", "attachments", "edits", "deletions"].filter(metric);
  return card({
    title: "Around the messages",
    className: "third",
    load: () => Promise.all(names.map((name) => figure(name, query(view), signal))),
    draw: (answers) =>
      h(
        "dl",
        { class: "facts" },
        names.flatMap((name, index) => [
          h("dt", {}, metric(name).title, " ", info(metric(name))),
          h("dd", { class: "row" }, format.number(whole(answers[index])), saveLink(name, csvAddress(name, query(view, { interval: cut })))),
        ]),
      ),
  });
}

/** How long people have waited for an answer who have none yet. */
function ages(view, signal, metric) {
  if (!metric) return null;
  return card({
    title: "Unanswered now, by how long",
    info: info(metric),
    className: "third",
    tools: saveLink("unanswered", csvAddress("unanswered", query(view))),
    load: () => figure("unanswered", query(view), signal),
    empty: "Everybody has an answer.",
    draw: ({ data, total }) =>
      total ? table({ label: "Unanswered", columns: ["For", { title: "Conversations", isNumber: true }], rows: data.map(({ group, value }) => [group, format.number(value)]) }) : null,
  });
}

const kinds = (view, signal, metric) =>
  ranked({ title: "Messages by type", className: "third", view, signal, metric: metric("messages"), name: "messages", groupBy: "type", heading: "Type", most: 8, link: (group) => ({ page: "messages", filters: { type: group } }) });
