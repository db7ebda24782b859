import { send } from "../api.js";
import { fill, h } from "../element.js";
import { identifier } from "../text.js";
import { assignForm, claims, decisionForm, moderator } from "./deciding.js";
import { action, say } from "./form.js";

/** Several items of the review queue at once: marked in the list, decided or assigned together. */

/** Ids of what is marked; kept while one of them is looked at. */
const marked = new Set();

const about = (item) => (item.message_id ? "message" : "user");

/**
 * @param {object[]} items  those of the list
 * @param {() => Promise} again  loads the list anew
 * @returns {{mark: (item) => HTMLElement, bar: HTMLElement}}  a box to mark an item by, and what can be done about those marked
 */
export function bulk(items, again) {
  const here = new Set(items.map(({ _id }) => _id));
  for (const id of marked) if (!here.has(id)) marked.delete(id);
  const boxes = new Map();
  const [place, count] = [h("div", { class: "stack" }), h("span", { class: "quiet small", role: "status" })];
  const refused = h("ul", { class: "small refused" });
  const all = box("Mark all of this page", () => turn(items, all.checked));
  let kind = null;

  function box(label, change) {
    return h("input", { type: "checkbox", "aria-label": label, on: { change } });
  }
  function turn(some, isMarked) {
    for (const { _id } of some) {
      if (isMarked) marked.add(_id);
      else marked.delete(_id);
    }
    show();
  }
  function show() {
    for (const [id, one] of boxes) one.checked = marked.has(id);
    all.checked = marked.size === items.length;
    all.indeterminate = marked.size > 0 && !all.checked;
    fill(count, marked.size ? `${marked.size} marked` : "Mark several to decide about them together");
    const kinds = new Set(items.filter(({ _id }) => marked.has(_id)).map(about));
    const now = kinds.size > 1 ? "both" : ([...kinds][0] ?? null);
    // What was entered stays while more of the same kind are marked.
    if (now !== kind) fill(place, now && orders(now));
    kind = now;
  }
  function orders(kind) {
    const { fields, order } = decisionForm(kind);
    const decide = action("Decide about all marked", async () => {
      const ids = [...marked];
      const { data } = await send("POST", "/api/v1/review-queue/decide", { ...order(), items: ids.map((_id) => ({ _id, claim: claims.get(_id) })) });
      await tell("decided", data.map(({ _id, status, detail }) => ({ id: _id, detail: status === 200 ? null : detail })));
    }, { className: "main" });
    const assign = assignForm("", "Assign all marked", async (assignee) => {
      const body = { moderator: moderator(), assignee };
      const results = [];
      for (const id of marked) results.push({ id, detail: await attempt(() => send("POST", `/api/v1/review-queue/${encodeURIComponent(id)}/assign`, body)) });
      await tell("assigned", results);
    });
    return [...fields, h("div", {}, decide), assign];
  }
  /** Those that were done are marked no longer; the others stay, with the reason. */
  async function tell(word, results) {
    const failed = results.filter(({ detail }) => detail);
    for (const { id, detail } of results) {
      if (detail) continue;
      marked.delete(id);
      if (word === "decided") claims.delete(id);
    }
    say(`${results.length - failed.length} ${word}${failed.length ? `, ${failed.length} not: ${failed[0].detail}` : "."}`, failed.length > 0);
    await again(failed);
    // The list is another: who came by keyboard goes on where it begins.
    document.querySelector(".bulk input")?.focus();
  }

  const mark = (item) => {
    const one = box(`Mark ${about(item) === "message" ? "the message by" : "the user"} ${item.user_id ?? "unknown"}`, () => turn([item], one.checked));
    boxes.set(item._id, one);
    return one;
  };
  const bar = (failed) => {
    show();
    fill(refused, failed.map(({ id, detail }) => h("li", {}, identifier(id), ": ", detail)));
    return h("section", { class: "bulk", "aria-label": "Several at once" }, h("label", { class: "row" }, all, count), place, failed.length > 0 && refused);
  };
  return { mark, bar };
}

async function attempt(act) {
  try {
    await act();
    return null;
  } catch (error) {
    return error.message;
  }
}
