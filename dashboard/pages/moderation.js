import { get } from "../api.js";
import { fill, h } from "../element.js";
import * as format from "../format.js";
import { saveButton } from "../csv.js";
import { bulk } from "../parts/bulk.js";
import { compared } from "../parts/compared.js";
import { filters, pages } from "../parts/list.js";
import { ranked } from "../parts/ranked.js";
import { card } from "../parts/section.js";
import { decisionList } from "../parts/decisions.js";
import { reviewItem } from "../parts/review.js";
import { identifier } from "../text.js";
import { fragment } from "../view.js";
import { tabs } from "../parts/tabs.js";

export function page(context) {
  const { view } = context;
  const nav = tabs("Moderation", view, [[null, "Review queue"], ["decisions", "Decisions of rules"], ["figures", "Figures"]]);
  const shown = { decisions: decisionList, figures }[view.filters.tab] ?? queue;
  return h("div", {}, nav, shown(context));
}

function figures({ view, signal, metric }) {
  const of = compared(view, signal, metric);
  const user = (group) => ({ page: "messages", filters: { user: group } });
  return h(
    "div",
    { class: "stack" },
    h(
      "section",
      { class: "tiles", "aria-label": "Moderation" },
      of("Flags", "flags", "less"),
      of("Rules decided", "decisions"),
      of("Deletions", "deletions"),
      of("Bans", "bans"),
      of("Mutes", "mutes"),
      of("Time to decision", "time-to-decision", "less"),
    ),
    h(
      "div",
      { class: "grid" },
      ranked({ title: "Decisions by rule", className: "half", view, signal, metric: metric("decisions"), name: "decisions", groupBy: "rule", heading: "Rule", most: 20, link: (group) => ({ page: "moderation", filters: { tab: "decisions", rule: group } }) }),
      ranked({ title: "Whose messages are flagged", className: "half", view, signal, metric: metric("flags"), name: "flags", groupBy: "user", heading: "User", most: 20, link: user }),
    ),
  );
}

const STATUS = [["", "Waiting"], ["open", "Open"], ["claimed", "Claimed"], ["decided", "Decided"]];
const SEVERITY = [["", "Every"], ["critical", "Critical"], ["high", "High"], ["medium", "Medium"], ["low", "Low"]];
const SOURCE = [["", "Every"], ["report", "Reports"], ["flag", "Flags"], ["rule", "Rules"], ["provider", "The provider"], ["moderator", "Moderators"], ["audit", "Samples"]];
const ORDER = [["", "Gravest first"], ["oldest", "Longest waiting first"], ["newest", "Newest first"]];

function queue(context) {
  const { view } = context;
  const chosen = view.filters.item;
  const list = h("div", { class: "stack" }, filters(view, ["item"], FIELDS), items(context));
  return chosen ? h("div", { class: "split" }, list, reviewItem(context, chosen)) : list;
}

const FIELDS = [
  ["status", "Status", STATUS], ["severity", "Severity", SEVERITY], ["source", "Because of", SOURCE],
  ["user", "User", "a user's id"], ["channel", "Channel", "type:id"], ["assignee", "Assigned to", "a moderator"], ["order", "Order", ORDER],
];

function items({ view, signal }) {
  const { item: _, tab: __, ...asked } = view.filters;
  let refused = [];
  return card({
    title: "Waiting to be looked at",
    room: "14rem",
    load: () => get("/api/v1/review-queue", asked, signal),
    empty: "Nothing waits. Reports, flags and rules put messages and users here.",
    draw(page, tools, again) {
      fill(tools);
      if (!page.data.length) return null;
      tools.append(saveButton("review-queue", () => table(page.data)));
      const { mark, bar } = bulk(page.data, (failed) => ((refused = failed), again()));
      const entries = page.data.map((item) => h("div", { class: "choosable" }, mark(item), entry(item, view)));
      return [
        bar(refused),
        h("nav", { class: "items", "aria-label": "Review items" }, entries),
        pages(view, page),
      ];
    },
  });
}

export const SEVERITY_TONE = { critical: "bad", high: "bad", medium: "warn", low: "" };

function entry(item, view) {
  const sources = [...new Set(item.sources.map(({ kind }) => kind))].join(", ");
  const reason = item.sources.find((source) => source.reason)?.reason;
  return h(
    "a",
    { href: fragment(view, { filters: { item: item._id } }), "aria-current": item._id === view.filters.item ? "true" : null },
    h(
      "span",
      { class: "line" },
      h("span", { class: `badge ${SEVERITY_TONE[item.severity] ?? ""}` }, item.severity),
      h("strong", {}, item.message_id ? "Message by " : "User ", identifier(item.user_id)),
      item.status !== "open" && h("span", { class: "badge" }, item.status, item.claim ? ` by ${item.claim.by}` : ""),
      item.assignee && h("span", { class: "badge" }, "for ", identifier(item.assignee)),
      h("span", { class: "quiet small" }, format.ago(item.since, view.now)),
    ),
    h("span", { class: "line small quiet" }, `${item.complaints === 1 ? "1 complaint" : `${item.complaints} complaints`} · ${sources}`, item.labels.map((label) => h("span", { class: "badge" }, h("bdi", {}, label)))),
    reason && h("span", { class: "small" }, "“", h("bdi", {}, reason), "”"),
  );
}

const table = (data) => [
  ["id", "user", "channel", "status", "severity", "labels", "complaints", "since", "decision"],
  ...data.map((item) => [item._id, item.user_id, item.cid ?? null, item.status, item.severity, item.labels.join(" "), item.complaints, item.since, item.decision?.action ?? null]),
];
