import { address, get } from "../api.js";
import { h } from "../element.js";
import * as format from "../format.js";
import { saveLink } from "../csv.js";
import { filters, pages } from "../parts/list.js";
import { message as article } from "../parts/message.js";
import { card, nothing } from "../parts/section.js";
import { written } from "../text.js";
import { fragment } from "../view.js";
import { addDays, startOfDay } from "../zone.js";

const root = "/api/v1/webhooks/getstream/messages";
/** Messages shown before and after one. */
const AROUND = 5;
const PAGE = 50;
/** Characters of messages of which others are the matter. */
const SHORT = 240;

export function page(context) {
  const { view } = context;
  const chosen = view.filters.message;
  const list = h("div", { class: "stack" }, search(view), found(context));
  return chosen ? h("div", { class: "split" }, list, detail(context, chosen)) : list;
}

// MARK: The list

const TEXTS = [["channel", "Channel", "type:id"], ["user", "Written by", "a user"], ["listing", "About listing", ""], ["type", "Type", "offer"]];

const FIELDS = [
  ...TEXTS,
  ["flagged", "Flags", [["", "Flagged or not"], ["true", "Flagged"], ["false", "Not flagged"]]],
  ["deleted", "Deleted", [["", "Left out"], ["include", "Too"], ["only", "Only these"]]],
  ["order", "First", [["", "Newest"], ["oldest", "Oldest"]]],
];

function search(view) {
  const isSet = [...TEXTS.map(([name]) => name), "flagged", "deleted"].some((name) => view.filters[name]);
  return filters(view, ["message"], FIELDS, isSet && h("a", { class: "button plain", href: fragment(view, { page: "messages", filters: cleared(view) }) }, "Clear"));
}

const cleared = (view) => Object.fromEntries(Object.keys(view.filters).map((name) => [name, null]));

/** The filters as the interface takes them. */
function asked({ from, to, zone, filters }) {
  const { message: _, ...query } = filters;
  return {
    ...query,
    from: new Date(startOfDay(from, zone)).toISOString(),
    to: new Date(startOfDay(addDays(to, 1), zone)).toISOString(),
    limit: PAGE,
  };
}

function found({ view, signal }) {
  return card({
    title: "Messages",
    sub: `${format.day(view.from)} to ${format.day(view.to)}`,
    room: "20rem",
    load: () => get(root, asked(view), signal),
    empty: "No message matches. Try more days, or fewer filters.",
    draw(page, tools) {
      if (!page.data.length) return null;
      tools.append(saveLink("messages", address(root, { ...asked(view), limit: null, cursor: null, format: "csv" }), "Save all that match as a spreadsheet"));
      return [
        h("p", { class: "quiet small" }, page.total === null ? `${page.data.length} shown of very many` : `${page.data.length} shown of ${format.number(page.total)}`),
        h("div", { class: "messages" }, page.data.map((item) => article(item, view, { isChosen: item._id === view.filters.message, fold: SHORT }))),
        pages(view, page),
      ];
    },
  });
}

// MARK: One message

function detail({ view, signal }, id) {
  const neighbour = (other) => article(other, view, { place: false, fold: SHORT });
  const close = h("a", { class: "button plain", href: fragment(view, { filters: { message: null } }) }, "Close");
  return card({
    title: "One message",
    tools: close,
    room: "16rem",
    load: async () => {
      const item = await get(`${root}/${encodeURIComponent(id)}`, {}, signal);
      return { item, ...(await around(item, signal)) };
    },
    draw: ({ item, before, after }) => [
      h("div", { class: "messages" }, before.map(neighbour), article(item, view, { isChosen: true, link: false }), after.map(neighbour)),
      after.length === 0 && nothing("Nothing was written after it."),
      history(item, view),
      reactions(item, view),
      facts(item, view),
    ],
  });
}

/** What was written in the channel right before and after. */
async function around(item, signal) {
  if (!item.cid) return { before: [], after: [] };
  const ask = (more) => get(root, { channel: item.cid, deleted: "include", limit: AROUND + 1, ...more }, signal);
  const [before, after] = await Promise.all([ask({ to: item.createdAt, order: "newest" }), ask({ from: item.createdAt, order: "oldest" })]);
  const others = (page) => page.data.filter(({ _id }) => _id !== item._id).slice(0, AROUND);
  return { before: others(before).reverse(), after: others(after) };
}

/** The texts that it had, with the time from which each held. */
function history(item, view) {
  if (!item.edits?.length) return null;
  return [
    h("h3", {}, "What it said before"),
    h("ol", { class: "timeline" }, item.edits.map(({ text, at }) => h("li", {}, h("div", { class: "quiet small" }, "from ", format.moment(at, view.zone)), written(text)))),
  ];
}

function reactions(item, view) {
  if (!item.reactions?.length) return null;
  return h("p", { class: "row small" }, item.reactions.map(({ type, user_id, createdAt }) => h("span", { class: "badge", title: createdAt ? format.moment(createdAt, view.zone) : null }, h("bdi", {}, type), " by ", h("bdi", {}, user_id))));
}

function facts(item, view) {
  const rows = [
    ["Id", item._id],
    ["Edited", item.updatedAt && item.updatedAt !== item.createdAt ? format.moment(item.updatedAt, view.zone) : null],
    ["Deleted", item.deletedAt && format.moment(item.deletedAt, view.zone)],
    ["Deleted by", item.deleted_by],
    ["Flagged by", item.flagged_by],
    ["Listing", item.listing_id],
    ["Offer", item.offer_id],
    ["Amount", item.amount],
    ["Answers", item.parent_id],
    ["Quotes", item.quoted_message_id],
  ].filter(([, value]) => value !== null && value !== undefined && value !== false);
  return [
    h("dl", { class: "facts" }, rows.flatMap(([term, value]) => [h("dt", {}, term), h("dd", {}, h("bdi", {}, String(value)))])),
    item.custom && h("details", { class: "as-table" }, h("summary", {}, "Custom data"), h("pre", { class: "raw" }, JSON.stringify(item.custom, null, 2))),
    item.attachments?.length ? h("details", { class: "as-table" }, h("summary", {}, "Attachments, as the provider sent them"), h("pre", { class: "raw" }, JSON.stringify(item.attachments, null, 2))) : null,
  ];
}
