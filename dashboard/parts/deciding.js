import { actingUser, setActingUser } from "../api.js";
import { fill, h } from "../element.js";
import { action, field, select } from "./form.js";

/** What moderators decide about items of the review queue, and under whose name. */

const OF_USERS = [["dismiss", "Dismiss: nothing is wrong"], ["approve", "Approve"], ["mute", "Mute for a while"], ["ban", "Ban"], ["restore", "Restore: undo what was decided"]];
const ACTIONS = {
  message: [["dismiss", "Dismiss: nothing is wrong with it"], ["approve", "Approve: and take its flag back"], ["delete", "Delete the message"], ["mask", "Mask the text, or parts of it"], ["mute", "Mute the author for a while"], ["ban", "Ban the author"], ["restore", "Restore: undo what was decided"]],
  user: OF_USERS,
  // What can be done about messages and users alike.
  both: OF_USERS,
};

/** Tokens of claims by item, for as long as the page is open: nobody else is shown them. */
export const claims = new Map();

/** Under whose name this person decides. */
export function moderator() {
  const id = actingUser();
  if (id) return id;
  const said = window.prompt("Under which user of the chat do you decide? It is noted with every decision.")?.trim();
  if (!said) throw new Error("Nothing was done: say under which user you act, in the menu.");
  setActingUser(said);
  return said;
}

/**
 * The fields of a decision.
 *
 * @param {"message" | "user" | "both"} kind  what the items are about
 * @returns {{fields: Node[], order: () => object}}  `order`: as the interface takes it, but for the items
 */
export function decisionForm(kind) {
  const details = h("div", { class: "fields" });
  const reason = h("input", { name: "reason", maxlength: "500", autocomplete: "off" });
  const minutes = h("input", { name: "minutes", type: "number", min: "1", max: "5256000" });
  const hard = select([["soft", "Softly: it can be restored"], ["hard", "For good"]], "soft");
  const along = select([["", "Leave the message"], ["soft", "Delete it, softly"], ["hard", "Delete it for good"]], "");
  const everywhere = select([["", "As usual"], ["channel", "From this channel"], ["everywhere", "Everywhere"]], "");
  const what = select(ACTIONS[kind], "dismiss", { change: () => show() }, { name: "action" });
  const isAgainst = () => ["mute", "ban"].includes(what.value);
  const show = () => {
    minutes.placeholder = what.value === "mute" ? "60" : "for good";
    fill(details, what.value === "delete" && field("How", hard), isAgainst() && field("Minutes", minutes), isAgainst() && field("Where", everywhere), isAgainst() && kind === "message" && field("The message", along));
  };
  show();
  const order = () => {
    const body = { moderator: moderator(), action: what.value };
    if (reason.value.trim()) body.reason = reason.value.trim();
    if (what.value === "delete") body.delete = hard.value;
    if (isAgainst() && minutes.value) body.minutes = Number(minutes.value);
    if (isAgainst() && everywhere.value) body.of = everywhere.value;
    if (isAgainst() && kind === "message" && along.value) body.delete = along.value;
    return body;
  };
  return { fields: [h("div", { class: "fields wide" }, field("Decision", what), field("Reason", reason)), details], order };
}

/** Says who is to look at items. @param {(assignee?: string) => Promise} act  nobody is undefined */
export function assignForm(assignee, text, act) {
  const who = h("input", { name: "assign", value: assignee ?? "", placeholder: "nobody", autocomplete: "off", spellcheck: "false" });
  return h("div", { class: "row end" }, field("Who is to look at it", who), action(text, () => act(who.value.trim() || undefined)));
}
