import { get } from "../api.js";
import { fill, h } from "../element.js";
import * as format from "../format.js";
import { metrics } from "../metrics.js";
import { failed } from "../parts/section.js";
import { table } from "../parts/table.js";

/** Milliseconds between two looks. */
const PACE = 5_000;

export function page({ signal }) {
  const place = h("div", { class: "stack" }, h("div", { class: "waiting", style: { "--room": "8rem" } }));
  const look = async () => {
    try {
      const [system, readiness, found] = await Promise.all([get("/api/v1/system", {}, signal), ready(signal), metrics(signal)]);
      const open = new Set([...place.querySelectorAll("details[open]")].map(({ id }) => id));
      fill(place, draw(system, readiness, found));
      for (const details of place.querySelectorAll("details")) details.open = open.has(details.id);
    } catch (error) {
      if (error.name === "AbortError") return;
      fill(place, h("div", { class: "card" }, failed(error)));
    }
    if (!signal.aborted) setTimeout(look, PACE);
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
    return { accepting: false, detail: error.message, mongodb: null };
  }
}

const draw = (system, readiness, found) => [
  notices(readiness),
  tiles(system, readiness),
  h("div", { class: "grid" }, outbox(system), limits(system), failures(system), latencies(found), everything(found)),
];

function notices({ accepting, detail, mongodb }) {
  const words = [];
  if (!accepting) words.push(`Nothing is taken: ${detail ?? "the service is full or its disk is."}`);
  if (mongodb && mongodb.state !== "up") words.push(`MongoDB is ${mongodb.state}: events are accepted and wait. ${mongodb.detail ?? ""}`);
  return words.map((sentence) => h("p", { class: "note bad", role: "alert" }, sentence));
}

function tiles({ ingest, acknowledgement, queue, stored, mongodb, failures }, readiness) {
  const slow = acknowledgement.p99_seconds;
  const rate = (value) => (value === null ? "…" : format.number(Math.round(value * 10) / 10));
  return h(
    "section",
    { class: "tiles", "aria-label": "The service now" },
    plain("Accepts events", readiness.accepting ? "Yes" : "No", mongodb.reachable ? `MongoDB answers in ${format.span(mongodb.ping_seconds)}` : "MongoDB is out of reach"),
    plain("Received / s", rate(ingest.accepted_per_second), `${format.short(ingest.accepted)} since the start`),
    plain("Stored / s", rate(stored.events_per_second), `${format.short(stored.events)} since the start`),
    plain("In the queue", format.number(queue.rows), queue.rows ? `the oldest for ${format.span(queue.oldest_seconds)}` : "nothing waits"),
    plain("Acknowledged within", format.span(slow), slow === null ? "none lately" : `99 of 100; ${format.span(acknowledgement.head_room_seconds)} before the provider gives up`),
    plain("Dead letters", format.number(failures.dead_letters ?? 0), "since the start"),
  );
}

const plain = (name, value, more) => h("div", { class: "tile" }, h("div", { class: "name" }, name), h("div", { class: "value" }, value), h("div", { class: "delta" }, more));

const part = (title, sub, content) => h("section", { class: "card half", "aria-label": title }, h("header", {}, h("h2", {}, title), h("span", { class: "sub" }, sub)), content);

const number = (title) => ({ title, isNumber: true });

function outbox({ outbox: rows, provider_calls: calls }) {
  const effects = rows?.length
    ? table({ label: "Outbox", columns: ["Destination", "State", number("Effects")], rows: rows.map(({ destination, state, count }) => [destination, state, format.number(count)]) })
    : h("p", { class: "quiet" }, rows ? "Nothing waits to go out." : "Not known while MongoDB is out of reach.");
  const outcomes = Object.entries(calls ?? {});
  return part("What goes out", "by where it has come", [
    effects,
    outcomes.length > 0 && table({ label: "Calls of the provider", columns: ["Calls of the provider", number("Times")], rows: outcomes.map(([outcome, count]) => [outcome.replaceAll("_", " "), format.number(count)]) }),
  ]);
}

const left = (end, now) => format.span(Math.max(0, Math.ceil((Date.parse(end) - Date.parse(now)) / 1000)));

/** What the provider's answers say of its limits, by endpoint. */
function limits({ provider_limits: known, at }) {
  const said = (value, words) => (value === null ? words : format.number(value));
  const wait = ({ paused_until: until, resets }) => (until ? `paused for ${left(until, at)}` : resets ? `in ${left(resets, at)}` : "–");
  const rows = (known ?? []).map((one) => [
    one.endpoint,
    [said(one.limit, "none named"), one.confirmed || one.limit === null ? null : h("span", { class: "quiet small" }, " as documented")],
    said(one.remaining, "–"),
    wait(one),
    format.number(one.under_way),
  ]);
  return part(
    "Limits of the provider",
    "by what its answers say",
    rows.length
      ? table({ label: "Limits of the provider", columns: ["Endpoint", number("Calls a minute"), number("Left"), number("Next minute"), number("Under way")], rows })
      : h("p", { class: "quiet" }, "This process has not called it yet."),
  );
}

function failures({ failures, ingest }) {
  const counted = (words, counts) => Object.entries(counts ?? {}).map(([name, count]) => [`${words}: ${name.replaceAll("_", " ")}`, count]);
  const rows = [
    ...counted("Delivery refused", failures.rejected_by_cause),
    ["Delivery told to come again", ingest.refused],
    ...counted("Effect", failures.effects_by_outcome),
  ].filter(([, count]) => count > 0);
  return part(
    "What happened",
    "since the start",
    rows.length ? table({ label: "What happened", columns: ["What", number("Times")], rows: rows.map(([words, count]) => [words, format.number(count)]) }) : h("p", { class: "quiet" }, "Nothing out of the ordinary."),
  );
}

const HISTOGRAMS = [["backchannel_webhook_seconds", "A delivery acknowledged"], ["backchannel_api_seconds", "An answer of the interface"], ["backchannel_hook_seconds", "A hook answered"], ["backchannel_effect_seconds", "An effect performed"]];

function latencies(found) {
  const rows = HISTOGRAMS.map(([name, words]) => [words, found.quantile(name, 0.5), found.quantile(name, 0.99), found.one(`${name}_count`) ?? 0]);
  return part(
    "How long things take",
    "since the start; at most, by the histogram's buckets",
    table({
      label: "How long things take",
      columns: ["What", number("Half within"), number("99 of 100"), number("Count")],
      rows: rows.map(([words, half, most, count]) => [words, format.span(half), format.span(most), format.short(count)]),
    }),
  );
}

function everything(found) {
  const rows = found.names().filter((name) => !/_bucket$/.test(name)).flatMap((name) => found.all(name).map(({ labels, value }) => [h("code", {}, name), Object.values(labels).join(", "), found.help(name), format.number(Math.round(value * 1000) / 1000)]));
  return part("More", "for programs and people", [
    h("p", {}, h("a", { href: "/docs" }, "The interface"), ", as a page; for programs ", h("a", { href: "/openapi.json" }, "openapi.json"), " and ", h("a", { href: "/metrics" }, "metrics"), "."),
    h("details", { class: "as-table", id: "every-figure" }, h("summary", {}, "Every figure that this process keeps"), table({ label: "Every figure", columns: ["Name", "Of", "What", number("Value")], rows })),
  ]);
}
