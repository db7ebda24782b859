import { figure, query, whole } from "../analytics.js";
import { before } from "../view.js";
import { tile } from "./tile.js";

/** Tiles of a range, each against as many days right before it. */
export function compared(view, signal, metric) {
  const { days, ...range } = before(view);
  const against = days === 1 ? "on the day before" : `in the ${days} days before`;
  return (title, name, better = null) =>
    tile({
      title,
      metric: metric(name),
      better,
      against,
      load: async () => {
        const [now, then] = await Promise.all([{}, range].map((days) => figure(name, query(view, days), signal)));
        return { now: whole(now), before: whole(then) };
      },
    });
}
