/** Days and hours of time zones, by what the browser knows of them. */

const parts = new Map();

function formatter(zone) {
  if (!parts.has(zone)) {
    parts.set(
      zone,
      new Intl.DateTimeFormat("en-CA", {
        timeZone: zone,
        hourCycle: "h23",
        year: "numeric",
        month: "2-digit",
        day: "2-digit",
        hour: "2-digit",
        minute: "2-digit",
        second: "2-digit",
      }),
    );
  }
  return parts.get(zone);
}

/** What a clock on the wall shows: `{year, month, day, hour, minute, second}` as numbers. */
export function wall(instant, zone) {
  const fields = {};
  for (const { type, value } of formatter(zone).formatToParts(instant)) fields[type] = Number(value);
  return fields;
}

/** The day on which an instant (in milliseconds) falls: `2026-05-08`. */
export function dayOf(instant, zone) {
  const { year, month, day } = wall(instant, zone);
  return [String(year).padStart(4, "0"), pad(month), pad(day)].join("-");
}

/** The instant at which a day begins, in milliseconds: at a change of the clocks that may be one o'clock. */
export function startOfDay(day, zone) {
  const utc = Date.parse(`${day}T00:00:00Z`);
  let instant = utc - offset(utc, zone);
  instant = utc - offset(instant, zone);
  return dayOf(instant, zone) === day ? instant : instant + 3_600_000;
}

/** Days later, or earlier. */
export function addDays(day, count) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
}

/** How many days from the first to the last, both counted. */
export const daysBetween = (from, to) => Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000) + 1;

export const isDay = (text) => /^\d{4}-\d\d-\d\d$/.test(text ?? "") && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));

export function isZone(name) {
  if (!name) return false;
  try {
    formatter(name);
    return true;
  } catch {
    return false;
  }
}

/** The browser's own. */
export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

function offset(instant, zone) {
  const { year, month, day, hour, minute, second } = wall(instant, zone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
}

const pad = (number) => String(number).padStart(2, "0");
