import { fill, h } from "../element.js";
import * as format from "../format.js";
import { Refusal } from "../api.js";
import { info } from "./popover.js";

/**
 * One figure, and how it stands against another time.
 *
 * @param {object} options
 * @param {object} options.metric  of the catalogue; without one there is no tile
 * @param {() => Promise<{now, before}>} options.load  values; `before` may be left out
 * @param {string} options.against  when the other one was: `in the 30 days before`
 * @param {"more" | "less" | null} options.better
 */
export function tile({ title, metric, unit = metric?.unit, load, against = null, better = null }) {
  if (!metric) return null;
  const value = h("div", { class: "value" }, h("span", { class: "quiet" }, "…"));
  const delta = h("div", { class: "delta" });
  const element = h("div", { class: "tile", "aria-busy": "true" }, h("div", { class: "name" }, title, info(metric)), value, delta);
  load()
    .then(({ now, before, note }) => {
      fill(value, format.value(now, unit));
      fill(delta, note ?? (against ? difference(now, before, unit, against, better) : null));
    })
    .catch((error) => {
      if (error.name === "AbortError") return;
      if (!(error instanceof Refusal)) console.error(error);
      fill(value, h("span", { class: "quiet" }, "–"));
      fill(delta, error instanceof Refusal ? error.message : "could not be shown");
    })
    .finally(() => element.removeAttribute("aria-busy"));
  return element;
}

/** "▲ 12 % against 30 last Friday": by how much, and against what. */
export function difference(now, before, unit, against, better) {
  if (now === null || now === undefined) return ["nothing to measure"];
  if (before === null || before === undefined) return [`nothing to measure ${against}`];
  if (now === 0 && before === 0) return [`none ${against} either`];
  const words = `${format.value(before, unit)} ${against}`;
  const percent = before === 0 ? null : Math.round(Math.abs(now / before - 1) * 100);
  const points = (Math.abs(now - before) * 100).toFixed(1);
  if (now === before || (unit === "share" ? points === "0.0" : percent === 0)) return [`much as ${words}`];
  const isMore = now > before;
  const tone = better === null ? "" : (better === "more") === isMore ? "good" : "bad";
  const amount = unit === "share" ? `${points} points` : percent === null ? format.value(now - before, unit) : `${format.number(percent)} %`;
  const arrow = [h("span", { "aria-hidden": "true" }, isMore ? "▲ " : "▼ "), h("span", { class: "sr" }, isMore ? "more: " : "less: ")];
  return [h("b", { class: tone }, arrow, amount), ` against ${words}`];
}
