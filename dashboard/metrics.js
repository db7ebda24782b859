import { get } from "./api.js";

/** Figures of the process, in Prometheus' text format. */
export async function metrics(signal) {
  return read(await get("/metrics", {}, signal));
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;

export function read(text) {
  const samples = new Map();
  const helps = new Map();
  for (const line of text.split("\n")) {
    const help = line.match(/^# HELP (\S+) (.*)$/);
    if (help) helps.set(help[1], help[2]);
    const match = line.match(SAMPLE);
    if (!match) continue;
    const [, name, labels = "", value] = match;
    if (!samples.has(name)) samples.set(name, []);
    samples.get(name).push({ labels: labelled(labels), value: Number(value) });
  }
  const all = (name) => samples.get(name) ?? [];
  return {
    all,
    names: () => [...samples.keys()],
    help: (name) => helps.get(name) ?? "",
    /** The sum over all labels; null where there is none. */
    one: (name) => (all(name).length ? all(name).reduce((sum, { value }) => sum + value, 0) : null),
    quantile: (name, share) => quantile(all(`${name}_bucket`), share),
  };
}

function labelled(text) {
  return Object.fromEntries([...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name, value.replaceAll(/\\(.)/g, (_, sign) => (sign === "n" ? "\n" : sign))]));
}

/** The upper edge of the bucket that a share of all lies within: what a histogram can say. */
function quantile(buckets, share) {
  const edges = new Map();
  for (const { labels, value } of buckets) {
    const edge = labels.le === "+Inf" ? Infinity : Number(labels.le);
    edges.set(edge, (edges.get(edge) ?? 0) + value);
  }
  const sorted = [...edges].sort(([one], [other]) => one - other);
  const count = sorted.at(-1)?.[1] ?? 0;
  if (!count) return null;
  const edge = sorted.find(([, below]) => below >= share * count)[0];
  return edge === Infinity ? sorted.at(-2)?.[0] ?? null : edge;
}
