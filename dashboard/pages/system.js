import { get } from "../api.js";
import { fill, h } from "../element.js";
import * as format from "../format.js";
import { metrics } from "../metrics.js";
import { failed } from "../parts/section.js";
import { table } from "../parts/table.js";

/** Milliseconds between two looks. */
const PACE = 5_000;
/** The provider gives a delivery up after so many seconds. */
const PROVIDER_LIMIT = 6;

export function page({ signal }) {
  const place = h("div", { class: "stack" }, h("div", { class: "waiting", style: { "--room": "8rem" } }));
  let earlier = null;
  const look = async () => {
    const isFirst = earlier === null;
    try {
      const [found, readiness] = await Promise.all([metrics(signal), ready(signal)]);
      const now = { found, readiness, at: performance.now() };
      const open = new Set([...place.querySelectorAll("details[open]")].map(({ id }) => id));
      fill(place, draw(now, earlier));
      for (const details of place.querySelectorAll("details")) details.open = open.has(details.id);
      earlier = now;
    } catch (error) {
      if (error.name === "AbortError") return;
      fill(place, h("div", { class: "card" }, failed(error)));
    }
    // Rates take two looks: the second comes soon.
    if (!signal.aborted) setTimeout(look, isFirst ? 1_000 : PACE);
  };
  look();
  return place;
}

/** 503 is an answer too: it says why nothing is taken. */
async function ready(signal) {
  try {
    return await get("/readyz", {}, signal);
  } catch (error) {
    if (error.status !== 503) throw error;
    return { accepting: false, detail: error.message, queue: null, mongodb: null };
  }
}

function draw(now, earlier) {
  return [notices(now.readiness), tiles(now, earlier), h("div", { class: "grid" }, latencies(now.found), outcomes(now.found), everything(now.found))];
}

function notices({ accepting, detail, mongodb }) {
  const words = [];
  if (!accepting) words.push(`Nothing is taken: ${detail ?? "the service is full or its disk is."}`);
  if (mongodb && mongodb.state !== "up") words.push(`MongoDB is ${mongodb.state}: events are accepted and wait. ${mongodb.detail ?? ""}`);
  return words.map((sentence) => h("p", { class: "note bad", role: "alert" }, sentence));
}

function tiles({ found, readiness, at }, earlier) {
  const rate = (name) => (earlier ? Math.max(0, (found.one(name) - earlier.found.one(name)) / ((at - earlier.at) / 1000)) : null);
  const acknowledged = found.quantile("backchannel_webhook_seconds", 0.99);
  const queue = readiness.queue;
  const perSecond = (name) => (earlier ? format.number(Math.round(rate(name) * 10) / 10) : "…");
  return h(
    "section",
    { class: "tiles", "aria-label": "The service now" },
    plain("Accepts events", readiness.accepting ? "Yes" : "No", readiness.mongodb ? `MongoDB is ${readiness.mongodb.state}` : ""),
    plain("Received / s", perSecond("backchannel_webhook_received_total"), `${format.short(found.one("backchannel_webhook_received_total") ?? 0)} since the start`),
    plain("Stored / s", perSecond("backchannel_events_stored_total"), `${format.short(found.one("backchannel_events_stored_total") ?? 0)} since the start`),
    plain("In the queue", queue ? format.number(queue.rows) : "–", queue?.rows ? `the oldest for ${format.span(queue.oldest_seconds)}` : "nothing waits"),
    plain("Acknowledged within", acknowledged === null ? "–" : format.span(acknowledged), acknowledged === null ? "no delivery yet" : `99 of 100; the provider waits ${format.number(Math.round(PROVIDER_LIMIT / acknowledged))} times as long`),
    plain("Dead letters", format.number(found.one("backchannel_events_dead_letters_total") ?? 0), "since the start"),
  );
}

const plain = (name, value, more) => h("div", { class: "tile" }, h("div", { class: "name" }, name), h("div", { class: "value" }, value), h("div", { class: "delta" }, more));

const HISTOGRAMS = [["backchannel_webhook_seconds", "A delivery acknowledged"], ["backchannel_api_seconds", "An answer of the interface"], ["backchannel_hook_seconds", "A hook answered"], ["backchannel_effect_seconds", "An effect performed"]];

function latencies(found) {
  const rows = HISTOGRAMS.map(([name, words]) => [words, found.quantile(name, 0.5), found.quantile(name, 0.99), found.one(`${name}_count`) ?? 0]);
  const number = (title) => ({ title, isNumber: true });
  return h(
    "section",
    { class: "card half", "aria-label": "How long things take" },
    h("header", {}, h("h2", {}, "How long things take"), h("span", { class: "sub" }, "at most, by the histogram's buckets")),
    table({
      label: "How long things take",
      columns: ["What", number("Half within"), number("99 of 100"), number("Count")],
      rows: rows.map(([words, half, most, count]) => [words, format.span(half), format.span(most), format.short(count)]),
    }),
  );
}

function outcomes(found) {
  const rows = [
    ...found.all("backchannel_webhook_rejected_total").map(({ labels, value }) => [`Delivery refused: ${labels.cause}`, value]),
    ...found.all("backchannel_effect_attempts_total").map(({ labels, value }) => [`Effect: ${labels.outcome.replaceAll("_", " ")}`, value]),
    ...found.all("backchannel_destination_stopped").map(({ labels, value }) => [`Destination left alone: ${labels.destination}`, value]),
    ["Batch folded again", found.one("backchannel_batch_retries_total") ?? 0],
  ].filter(([, value]) => value > 0);
  return h(
    "section",
    { class: "card half", "aria-label": "What happened" },
    h("header", {}, h("h2", {}, "What happened"), h("span", { class: "sub" }, "since the start")),
    rows.length ? table({ label: "What happened", columns: ["What", { title: "Times", isNumber: true }], rows: rows.map(([words, value]) => [words, format.number(value)]) }) : h("p", { class: "quiet" }, "Nothing out of the ordinary."),
  );
}

function everything(found) {
  const rows = found.names().filter((name) => !/_bucket$/.test(name)).flatMap((name) => found.all(name).map(({ labels, value }) => [h("code", {}, name), Object.values(labels).join(", "), found.help(name), format.number(Math.round(value * 1000) / 1000)]));
  return h(
    "section",
    { class: "card", "aria-label": "Every figure" },
    h("details", { class: "as-table", id: "every-figure" }, h("summary", {}, "Every figure that this process keeps, as Prometheus reads it"), table({ label: "Every figure", columns: ["Name", "Of", "What", { title: "Value", isNumber: true }], rows })),
  );
}
