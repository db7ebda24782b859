import { csvAddress, figure, query } from "../analytics.js";
import { h } from "../element.js";
import * as format from "../format.js";
import { saveLink } from "../csv.js";
import { identifier } from "../text.js";
import { fragment } from "../view.js";
import { info } from "./popover.js";
import { card } from "./section.js";
import { table } from "./table.js";

/**
 * What has most of something, greatest first; nothing where the figure is not kept by it.
 *
 * @param {string} options.unit  of the values, and `column` what stands above them, where the figure's own would not do
 * @param {(group: string) => object | null} options.link  where a row leads, as changes of the view
 */
export function ranked({ title, name, groupBy, heading, view, signal, metric, className = "", most = 10, link = () => null, unit = metric?.unit, column = metric?.title }) {
  if (!metric?.groupBy.includes(groupBy)) return null;
  const asked = query(view, { groupBy });
  return card({
    title,
    className,
    info: info(metric),
    tools: saveLink(`${name}-by-${groupBy}`, csvAddress(name, asked)),
    load: () => figure(name, { ...asked, limit: most }, signal),
    draw: ({ data }) => (data.some(({ value }) => value !== null && value !== 0) ? ranks(data, { label: title, heading, view, link, unit, column }) : null),
  });
}

function ranks(data, { label, heading, view, link, unit, column }) {
  const greatest = Math.max(...data.map(({ value }) => value ?? 0), Number.MIN_VALUE);
  const latencies = data.some(({ latency }) => latency);
  const rows = data.map(({ group, value, latency }) => {
    const changes = group === null ? null : link(group);
    const name = group === null ? h("span", { class: "quiet" }, "none") : identifier(group);
    const cells = [
      changes ? h("a", { href: fragment(view, changes) }, name) : name,
      latencies && format.number(latency?.count ?? 0),
      format.value(value, unit),
      h("span", { class: "meter", style: { "--share": ((value ?? 0) / greatest).toFixed(4) } }),
    ];
    return cells.filter((cell) => cell !== false);
  });
  const columns = [heading, latencies && { title: "Answers", isNumber: true }, { title: column, isNumber: true }, { title: h("span", { class: "sr" }, "Against the greatest") }];
  return table({ label, columns: columns.filter(Boolean), rows });
}
