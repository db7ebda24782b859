import { actingUser, get, send } from "../api.js";
import { h } from "../element.js";
import * as format from "../format.js";
import { identifier, name, written } from "../text.js";
import { fragment } from "../view.js";
import { explained } from "./decisions.js";
import { assignForm, claims, decisionForm, moderator } from "./deciding.js";
import { action, field, say } from "./form.js";
import { message } from "./message.js";
import { loading } from "./section.js";

/** One item of the review queue: what it takes to decide, and the deciding. */

const path = (id, more = "") => `/api/v1/review-queue/${encodeURIComponent(id)}${more}`;

export function reviewItem(context, id) {
  const { view, signal } = context;
  const body = h("div", {});
  const again = () => loading(body, { room: "20rem", load: () => get(path(id), {}, signal), draw: (item) => draw(item, context, again) });
  again();
  const close = h("a", { class: "button plain", href: fragment(view, { filters: { item: null } }) }, "Close");
  return h("section", { class: "card", "aria-label": "Review item" }, h("header", {}, h("h2", {}, "To decide"), h("div", { class: "tools" }, close)), body);
}

function draw(item, context, again) {
  const { view } = context;
  const neighbour = (other) => message(other, view, { place: false, fold: 240 });
  return h(
    "div",
    { class: "stack" },
    deciding(item, again),
    item.message && h("div", { class: "messages" }, item.before.map(neighbour), message(item.message, view, { isChosen: true }), item.after.map(neighbour)),
    h("div", {}, h("h3", {}, "Why it is here"), sources(item, view)),
    item.rule_decisions.length > 0 && h("div", {}, h("h3", {}, "What rules said"), item.rule_decisions.map((decision) => explained(decision, view))),
    item.user && person(item.user, view),
    past(item, view),
    notes(item, view, again),
  );
}

function sources({ sources }, view) {
  return h(
    "ul",
    { class: "timeline" },
    sources.map(({ kind, by, at, severity, reason, labels, decided }) =>
      h(
        "li",
        {},
        h("div", { class: "row small" }, h("strong", {}, kind), by && h("span", { class: "quiet" }, "by ", identifier(by)), h("span", { class: "quiet" }, format.shortMoment(at, view.zone)), h("span", { class: "badge" }, severity), labels.map((label) => h("span", { class: "badge" }, h("bdi", {}, label))), decided && h("span", { class: "badge" }, "before the last decision")),
        reason && written(reason),
      ),
    ),
  );
}

function person(user, view) {
  const bans = user.bans.length ? user.bans.map(({ cid, expires }) => `${cid ? `from ${cid}` : "everywhere"}${expires ? ` until ${format.shortMoment(expires, view.zone)}` : " for good"}`).join("; ") : "none";
  return h(
    "div",
    {},
    h("h3", {}, "Who wrote it"),
    h(
      "dl",
      { class: "facts" },
      h("dt", {}, "Name"),
      h("dd", {}, name(user.name, user._id), " ", identifier(user._id)),
      h("dt", {}, "Messages"),
      h("dd", {}, h("a", { href: fragment(view, { page: "messages", filters: { user: user._id } }) }, format.number(user.total_messages_sent ?? 0))),
      h("dt", {}, "Bans"),
      h("dd", {}, bans),
      h("dt", {}, "Last seen"),
      h("dd", {}, user.last_activity ? format.moment(user.last_activity, view.zone) : "–"),
    ),
  );
}

function past({ decisions, other_items: others, effects }, view) {
  if (!decisions.length && !others.length) return null;
  return h(
    "div",
    {},
    h("h3", {}, "Decided before, and what else there is"),
    h(
      "ul",
      { class: "timeline" },
      decisions.map((decision) => h("li", { class: "small" }, h("strong", {}, decision.action), " by ", identifier(decision.by), `, ${format.moment(decision.at, view.zone)}`, decision.reason && [": ", h("bdi", {}, decision.reason)])),
      others.map((other) => h("li", { class: "small" }, h("a", { href: fragment(view, { filters: { item: other._id } }) }, identifier(other._id)), ` ${other.status}`, other.decision && `: ${other.decision.action}`)),
    ),
    effects.length > 0 && h("p", { class: "small" }, "What was done: ", effects.map(({ _id, action, state }) => [h("a", { href: fragment(view, { page: "deliveries", filters: { tab: "effects", effect: _id } }) }, action), ` (${state}) `])),
  );
}

function notes({ _id, notes }, view, again) {
  const text = h("textarea", { maxlength: "2000", required: true });
  const add = action("Add the note", async () => {
    if (!text.value.trim()) return text.focus();
    await send("POST", path(_id, "/notes"), { moderator: moderator(), text: text.value.trim() });
    await again();
  });
  return h(
    "div",
    { class: "stack" },
    h("h3", {}, "Notes"),
    notes.map(({ by, at, text }) => h("div", { class: "note" }, h("div", { class: "quiet small" }, identifier(by), " ", format.shortMoment(at, view.zone)), written(text))),
    field("For other moderators", text),
    h("div", {}, add),
  );
}

// MARK: Deciding

function deciding(item, again) {
  const holder = item.claim?.by;
  const isMine = claims.has(item._id) && holder === actingUser();
  const claim = action(isMine ? "Hold it longer" : "Claim", async () => {
    const { claim } = await send("POST", path(item._id, "/claim"), { moderator: moderator() });
    claims.set(item._id, claim);
    say("Claimed: for five minutes nobody else decides about it.");
    await again();
  });
  if (item.status === "decided") return decided(item, again);
  return h(
    "div",
    { class: "stack" },
    holder && h("p", { class: `note ${isMine ? "" : "warn"}` }, isMine ? "You hold it." : ["Held by ", identifier(holder), "."]),
    h("div", { class: "row" }, claim, isMine && release(item, again)),
    form(item, again),
  );
}

const release = ({ _id }, again) =>
  action("Give it up", async () => {
    await send("POST", path(_id, "/release"), { moderator: moderator() });
    claims.delete(_id);
    await again();
  });

function decided({ _id, decision }, again) {
  const reopen = action("Look at it again", async () => {
    await send("POST", path(_id, "/reopen"), { moderator: moderator() });
    await again();
  });
  return h("div", { class: "row" }, h("p", { class: "note" }, "Decided: ", h("strong", {}, decision?.action ?? "")), reopen);
}

function form(item, again) {
  const { fields, order } = decisionForm(item.message_id ? "message" : "user");
  const decide = action("Decide", async () => {
    const body = { ...order(), claim: claims.get(item._id) };
    await send("POST", path(item._id, "/decide"), body);
    claims.delete(item._id);
    say(`Decided: ${body.action}.`);
    await again();
  }, { className: "main" });
  const assign = assignForm(item.assignee, "Assign", async (assignee) => {
    await send("POST", path(item._id, "/assign"), { moderator: moderator(), assignee });
    say(assignee ? `Assigned to ${assignee}.` : "Assigned to nobody.");
    await again();
  });
  return h("div", { class: "stack" }, fields, h("div", {}, decide), assign);
}
