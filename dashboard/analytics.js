import { Refusal, address, get } from "./api.js";

/** Figures: asked for by one grammar, each with its definition. */

const root = "/api/v1/analytics";

let catalogue = null;

/** Every metric by its name, and the zones that are fastest. An empty one where the service has no such figures. */
export async function loadCatalogue() {
  if (catalogue) return catalogue;
  try {
    const answer = await get(`${root}/metrics`);
    catalogue = { metrics: new Map(answer.data.map((metric) => [metric.name, metric])), zones: answer.zones ?? [] };
  } catch (error) {
    if (!(error instanceof Refusal) || error.status === 401) throw error;
    return { metrics: new Map(), zones: [] };
  }
  return catalogue;
}

/** What a query says: days or instants, the zone, and how it is cut. */
export const query = (view, more = {}) => ({ from: view.from, to: view.to, timeZone: view.zone, ...more });

export const figure = (metric, query, signal) => get(`${root}/${metric}`, query, signal);

export const csvAddress = (metric, query) => address(`${root}/${metric}`, { ...query, format: "csv" });

/** The value of a whole range, of an answer without interval and group. */
export const whole = (answer) => (answer.data.length === 1 ? answer.data[0].value : answer.total);

/** Every page of a grouped answer, up to so many rows. */
export async function rows(metric, query, signal, most = 400) {
  const first = await figure(metric, query, signal);
  const data = [...first.data];
  let next = first.next;
  while (next && data.length < most) {
    const page = await figure(metric, { ...query, cursor: next }, signal);
    data.push(...page.data);
    next = page.next;
  }
  return { ...first, data, next };
}
