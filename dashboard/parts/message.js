import { h } from "../element.js";
import { moment } from "../format.js";
import { FOLD, identifier, name, written } from "../text.js";
import { fragment } from "../view.js";

/**
 * A message as people wrote it, with who, when and what became of it.
 *
 * @param {boolean} options.place  whether its channel is said
 */
export function message(item, view, { isChosen = false, link = true, place = true, fold = FOLD } = {}) {
  const sender = item.sender_id ?? {};
  const marks = [
    item.is_flagged && h("span", { class: "badge warn" }, item.flag_reason ? ["flagged: ", h("bdi", {}, item.flag_reason)] : "flagged"),
    item.deletedAt && h("span", { class: "badge bad" }, "deleted"),
    item.erased && h("span", { class: "badge" }, "erased"),
    item.message_type && h("span", { class: "badge" }, h("bdi", {}, item.message_type)),
    item.parent_id && h("span", { class: "badge" }, "reply in a thread"),
    item.attachment_count ? h("span", { class: "badge" }, `${item.attachment_count} attached`) : null,
  ];
  const when = h("time", { datetime: item.createdAt }, moment(item.createdAt, view.zone));
  return h(
    "article",
    { class: `message ${isChosen ? "chosen" : ""}`, "aria-current": isChosen ? "true" : null },
    h(
      "div",
      { class: "by" },
      h("strong", {}, name(sender.display_name, sender._id)),
      link ? h("a", { href: fragment(view, { page: "messages", filters: { ...(view.page === "messages" ? view.filters : {}), message: item._id } }) }, when) : when,
      place && item.cid && h("a", { href: fragment(view, { page: "messages", filters: { channel: item.cid } }) }, identifier(item.cid)),
      marks,
    ),
    h("div", {}, written(item.text ?? null, { fold })),
  );
}
