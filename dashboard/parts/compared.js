import { figure, query, whole } from "../analytics.js";
import { before } from "../view.js";
import { tile } from "./tile.js";

/** Tiles of a range, each against as many days right before it. */
export function compared(view, signal, metric) {
  const { days, ...range } = before(view);
  const against = days === 1 ? "on the day before" : `in the ${days} days before`;
  return (title, name, kind, better, { pick = whole, more = {}, unit = null } = {}) =>
    tile({
      title,
      metric: metric(name),
      kind,
      unit,
      better,
      against,
      load: async () => {
        const answers = await Promise.all([{}, range].map((days) => figure(name, query(view, { ...days, ...more }), signal)));
        return { now: pick(answers[0]), before: pick(answers[1]) };
      },
    });
}
