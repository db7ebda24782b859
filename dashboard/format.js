/** Numbers, shares, spans and times as people read them. */

const language = "en-GB";
const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
const compact = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });

export function number(value) {
  if (value === null || value === undefined) return "–";
  return Number.isInteger(value) || Math.abs(value) >= 100 ? whole.format(value) : fine.format(value);
}

export const short = (value) => (Math.abs(value) < 10_000 ? number(value) : compact.format(value));

/** 0.1234 → 12.3 % */
export function share(value) {
  if (value === null || value === undefined) return "–";
  const percent = value * 100;
  return `${percent !== 0 && Math.abs(percent) < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** A span of seconds with its two greatest units: 4 min 10 s. */
export function span(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds === 0) return "0 s";
  if (seconds < 0.0995) return `${(seconds * 1000).toFixed(seconds < 0.00995 ? 1 : 0)} ms`;
  if (seconds < 10) return `${Number.isInteger(seconds) ? seconds : seconds.toFixed(1)} s`;
  const units = [["d", 86_400], ["h", 3_600], ["min", 60], ["s", 1]];
  const first = units.findIndex(([, size]) => seconds >= size);
  const [name, size] = units[first];
  const count = Math.floor(seconds / size);
  if (first === 3) return `${Math.round(seconds)} s`;
  const [nextName, nextSize] = units[first + 1];
  const rest = Math.floor((seconds - count * size) / nextSize);
  return rest ? `${count} ${name} ${rest} ${nextName}` : `${count} ${name}`;
}

export function bytes(count) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let power = 0;
  while (count >= 1000 && power < units.length - 1) [count, power] = [count / 1000, power + 1];
  return `${number(Math.round(count * 10) / 10)} ${units[power]}`;
}

/** A value by its metric's unit. */
export function value(amount, unit) {
  if (unit === "seconds") return span(amount);
  if (unit === "share") return share(amount);
  return number(amount);
}

const times = new Map();

function time(options, zone) {
  const key = JSON.stringify([options, zone]);
  if (!times.has(key)) times.set(key, new Intl.DateTimeFormat(language, { ...options, timeZone: zone, hourCycle: "h23" }));
  return times.get(key);
}

const instantOf = (text) => (typeof text === "number" ? text : Date.parse(text));

/** 8 May 2026, 10:11:12 */
export const moment = (text, zone) => time({ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" }, zone).format(instantOf(text));

/** 8 May, 10:11 */
export const shortMoment = (text, zone) => time({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }, zone).format(instantOf(text));

export const clock = (text, zone) => time({ hour: "2-digit", minute: "2-digit", second: "2-digit" }, zone).format(instantOf(text));

/** 10:15 */
export const minute = (text, zone) => time({ hour: "2-digit", minute: "2-digit" }, zone).format(instantOf(text));

/** A calendar day, which is the same in every zone: Fri, 8 May 2026 */
export const day = (text) => time({ weekday: "short", day: "numeric", month: "short", year: "numeric" }, "UTC").format(Date.parse(`${text}T00:00:00Z`));

export const shortDay = (text) => time({ day: "numeric", month: "short" }, "UTC").format(Date.parse(`${text}T00:00:00Z`));

export const weekday = (text) => time({ weekday: "long" }, "UTC").format(Date.parse(`${text}T00:00:00Z`));

/** What stands under a bar or point of a chart: buckets carry the zone's own offset in their text. */
export function bucket(from, interval) {
  const day = from.slice(0, 10);
  if (interval === "hour" || interval === "quarter-hour") return from.slice(11, 16);
  if (interval === "month") return time({ month: "short", year: "numeric" }, "UTC").format(Date.parse(`${day}T00:00:00Z`));
  return shortDay(day);
}

/** 3 min ago */
export function ago(text, now) {
  const seconds = (now - instantOf(text)) / 1000;
  return seconds < 0 ? "in a moment" : seconds < 5 ? "now" : `${span(Math.floor(seconds))} ago`;
}
