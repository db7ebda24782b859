import { addDays, dayOf, daysBetween, isDay, isZone, ownZone } from "./zone.js";

/**
 * What is looked at: the page, its range of days and its filters, all of it in the address, so that it can be shared.
 *
 *     #/messages?range=7d&zone=Europe/Vienna&user=ada
 */

export const RANGES = { "1d": "Today", "7d": "Last 7 days", "30d": "Last 30 days", "90d": "Last 90 days", "365d": "Last 365 days" };
const STANDARD = "30d";

/** Reads an address's fragment. */
export function readView(fragment, now = Date.now()) {
  const [path, query = ""] = fragment.replace(/^#\/?/, "").split("?");
  const values = Object.fromEntries(new URLSearchParams(query));
  const zone = isZone(values.zone) ? values.zone : (remembered() ?? "UTC");
  const today = dayOf(now, zone);
  const { zone: _, range, from, to, ...filters } = values;
  const isOwn = isDay(from) && isDay(to) && from <= to;
  const span = RANGES[range] ? range : STANDARD;
  return {
    page: path || "overview",
    zone,
    today,
    now,
    /** `7d`, or null for days that somebody chose. */
    range: isOwn ? null : span,
    from: isOwn ? from : addDays(today, 1 - parseInt(span, 10)),
    to: isOwn ? to : today,
    filters,
  };
}

/** The fragment of this view with some of it changed; a value of null goes. */
export function fragment(view, { page = view.page, range, from, to, zone = view.zone, filters = {} } = {}) {
  const keepsOwn = view.range === null && range === undefined && from === undefined;
  const days = from !== undefined ? { from, to } : keepsOwn ? { from: view.from, to: view.to } : { range: range ?? view.range };
  const kept = page === view.page ? { ...view.filters, ...filters } : filters;
  const values = { ...days, zone, ...kept };
  const pairs = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
  // Slashes and colons are allowed in a fragment, and easier to read.
  const query = new URLSearchParams(pairs).toString().replaceAll("%2F", "/").replaceAll("%3A", ":");
  return `#/${page}?${query}`;
}

/** As many days, right before. */
export function before(view) {
  const days = daysBetween(view.from, view.to);
  return { from: addDays(view.from, -days), to: addDays(view.from, -1), days };
}

/** The interval in which a range makes a readable chart. */
export function interval(view) {
  const days = daysBetween(view.from, view.to);
  if (days <= 2) return "hour";
  if (days <= 120) return "day";
  return days <= 800 ? "week" : "month";
}

const memory = "backchannel.zone";

export function rememberZone(zone) {
  localStorage.setItem(memory, zone);
}

function remembered() {
  const zone = localStorage.getItem(memory) ?? ownZone();
  return isZone(zone) ? zone : null;
}
