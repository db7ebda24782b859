import { fill, h } from "../element.js";
import { table } from "./table.js";

/** Charts: drawn by Chart.js where it is installed, and always there as a table too. */

let library = null;

/** `null` where the service does not find the library. */
async function chartLibrary() {
  library ??= import("/dashboard/chart.js").then(() => globalThis.Chart ?? null, () => null);
  return library;
}

/** A colour of the theme as a canvas takes it: without light-dark() and var(). */
function colour(name) {
  const probe = h("span", { style: { color: `var(${name})` }, hidden: true });
  document.body.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}

/** The colours of series, by what they mean. */
const TONES = { main: "--accent", second: "--second", before: "--before", bad: "--bad" };

/**
 * A chart with its legend and table.
 *
 * @param {object} options
 * @param {"line" | "bar"} options.type
 * @param {"count" | "latency"} options.kind  latencies are seconds
 * @param {string} options.label  what a screen reader says in its place
 * @param {string[]} options.labels
 * @param {{name: string, values: (number | null)[], tone: string, isDashed?: boolean}[]} options.series
 * @param {(value: number) => string} options.format
 * @param {(index: number) => string} options.link  where a bar or point leads; the table has the same links
 */
export function plot({ type, kind = "count", label, heading = "Time", labels, names = labels, series, format, link = null, isStacked = false, signal }) {
  const canvas = h("canvas", { role: "img", "aria-label": label });
  const place = h("div", { class: "plot" }, canvas);
  const legend =
    series.length > 1 &&
    h("ul", { class: "legend", "aria-hidden": "true" }, series.map(({ name, tone }) => h("li", { style: { "--colour": `var(${TONES[tone]})` } }, name)));
  const rows = names.map((name, index) => [link ? h("a", { href: link(index) }, name) : name, ...series.map(({ values }) => (values[index] === null || values[index] === undefined ? "–" : format(values[index])))]);
  const values = table({ label, columns: [heading, ...series.map(({ name }) => ({ title: name, isNumber: true }))], rows });
  const details = h("details", { class: "as-table" }, h("summary", {}, "As a table"), values);
  chartLibrary().then((Chart) => {
    if (signal?.aborted) return;
    if (!Chart) {
      fill(place, values);
      place.classList.remove("plot");
      return details.remove();
    }
    const chart = new Chart(canvas, configuration({ type, kind, labels, names, series, format, link, isStacked }));
    signal?.addEventListener("abort", () => chart.destroy());
  });
  return [place, legend, details];
}

function configuration({ type, kind, labels, names, series, format, link, isStacked }) {
  const [ink, quiet, grid, sheet] = ["--ink", "--quiet", "--grid", "--sheet"].map(colour);
  const font = { family: getComputedStyle(document.body).fontFamily, size: 12 };
  return {
    type,
    data: {
      labels,
      datasets: series.map(({ name, values, tone, isDashed }) => ({
        label: name,
        data: values,
        borderColor: colour(TONES[tone]),
        backgroundColor: colour(TONES[tone]),
        borderWidth: type === "bar" ? 0 : 2,
        borderDash: isDashed ? [4, 4] : [],
        borderRadius: 2,
        maxBarThickness: 36,
        pointRadius: labels.length === 1 ? 3 : 0,
        pointHitRadius: 12,
        // Never beyond what was counted.
        cubicInterpolationMode: "monotone",
      })),
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      onClick: (_, [item]) => link && item && (location.hash = link(item.index)),
      onHover: ({ native }, [item]) => native.target.classList.toggle("leads", Boolean(link && item)),
      scales: {
        x: { stacked: isStacked, grid: { display: false }, border: { color: grid }, ticks: { color: quiet, font, maxRotation: 0, autoSkipPadding: 18 } },
        y: { stacked: isStacked, beginAtZero: true, grid: { color: grid, drawBorder: false }, ticks: { color: quiet, font, maxTicksLimit: 6, callback: (value) => format(value), ...steps(kind, series) } },
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          backgroundColor: ink, titleColor: sheet, bodyColor: sheet, titleFont: font, bodyFont: font, padding: 10, boxPadding: 4, cornerRadius: 6,
          callbacks: {
            title: ([item]) => names[item.dataIndex],
            label: ({ dataset, raw }) => ` ${dataset.label}: ${raw === null ? "–" : format(raw)}`,
          },
        },
      },
    },
  };
}

const CLOCK_STEPS = [0.001, 0.01, 0.1, 1, 5, 15, 60, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000];

/** Whole numbers for counts; for spans of time the steps of a clock. */
function steps(kind, series) {
  if (kind !== "latency") return { precision: 0 };
  const most = Math.max(...series.flatMap(({ values }) => values.map((value) => value ?? 0)));
  return { stepSize: CLOCK_STEPS.find((step) => most / step <= 6) ?? CLOCK_STEPS.at(-1), maxTicksLimit: 12 };
}
