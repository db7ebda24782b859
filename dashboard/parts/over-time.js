import { csvAddress, query, rows } from "../analytics.js";
import { saveLink } from "../csv.js";
import * as format from "../format.js";
import { plot } from "./plot.js";
import { info } from "./popover.js";
import { card } from "./section.js";

/**
 * Figures of the same people or things, over the days that are looked at; the first is the one told of.
 *
 * @param {Array} lines  a figure's name, what it is called here, and its tone
 * @param {string} cut  the parts of the range
 */
export function overTime({ title, label, type, empty, cut, lines, view, signal, metric }) {
  if (!lines.every(([name]) => metric(name))) return null;
  const asked = query(view, { interval: cut });
  const [[first]] = lines;
  return card({
    title,
    info: info(metric(first)),
    room: "15rem",
    tools: saveLink(first, csvAddress(first, asked)),
    load: () => Promise.all(lines.map(([name]) => rows(name, asked, signal))),
    empty,
    draw: (answers) =>
      answers[0].data.some(({ value }) => value)
        ? plot({
            type,
            label,
            labels: answers[0].data.map(({ from }) => format.bucket(from, cut)),
            series: lines.map(([, name, tone], index) => ({ name, values: answers[index].data.map(({ value }) => value), tone })),
            format: format.short,
            signal,
          })
        : null,
  });
}
