import { get, send } from "../api.js";
import { h } from "../element.js";
import * as format from "../format.js";
import { saveButton } from "../csv.js";
import { action, say } from "../parts/form.js";
import { filters, pages } from "../parts/list.js";
import { card } from "../parts/section.js";
import { table } from "../parts/table.js";
import { tabs } from "../parts/tabs.js";
import { identifier, line, written } from "../text.js";
import { fragment } from "../view.js";
import { metrics } from "../metrics.js";

/** What only administrators are told. */
const ADMIN_TABS = [["rejections", "Refused"], ["dead-letters", "Dead letters"]];

export function page(context) {
  const { view, session } = context;
  const isAdmin = session.role === "admin";
  const names = [[null, "Outgoing"], ...(isAdmin ? [["events", "Incoming"], ...ADMIN_TABS] : []), ["destinations", "Destinations"]];
  const shown = { rejections, "dead-letters": deadLetters, destinations, events: incoming }[view.filters.tab] ?? effects;
  return h("div", {}, tabs("Deliveries", view, names), shown(context));
}

// MARK: Incoming

/** The way of deliveries, in the words of the figures that the process keeps. */
const STEPS = [
  ["backchannel_webhook_received_total", "Deliveries received"],
  ["backchannel_webhook_accepted_total", "Accepted, and on stable storage"],
  ["backchannel_webhook_rejected_total", "Refused: not signed as they should be, or too large"],
  ["backchannel_webhook_refused_total", "Told to come again: the queue took nothing"],
  ["backchannel_events_stored_total", "Stored in the history"],
  ["backchannel_events_duplicate_total", "Had come before"],
  ["backchannel_events_dead_letters_total", "Could not be stored: dead letters"],
];

function incoming({ signal }) {
  return card({
    title: "Deliveries of the provider",
    sub: "since this process began",
    load: () => metrics(signal),
    draw: (found, tools) => {
      const counted = STEPS.map(([name, words]) => [words, found.one(name)]).filter(([, value]) => value !== null);
      tools.append(saveButton("deliveries", () => [["what", "count"], ...counted]));
      return table({ label: "Deliveries", columns: ["What", { title: "Count", isNumber: true }], rows: counted.map(([words, value]) => [words, format.number(value)]) });
    },
  });
}

function rejections({ view, signal }) {
  return card({
    title: "Refused since this process began",
    room: "12rem",
    load: () => get("/api/v1/rejections", {}, signal),
    draw({ data, total, by_cause: causes, secrets }, tools) {
      const counted = Object.entries(causes).filter(([, count]) => count > 0).sort(([, one], [, other]) => other - one);
      const used = table({ label: "Secrets", columns: ["API key", "Last verified a delivery"], rows: secrets.map(({ api_key: key, last_used: last }) => [identifier(key ?? "without a key"), last ? format.moment(last, view.zone) : "never"]) });
      if (data.length) tools.append(saveButton("rejections", () => [["time", "cause", "status", "address", "api_key", "bytes"], ...data.map((row) => [row.time, row.cause, row.status, row.remote_address, row.api_key, row.content_length])]));
      return h(
        "div",
        { class: "stack" },
        total === 0
          ? h("p", { class: "quiet" }, "None: every delivery was signed as it should be.")
          : [
              table({ label: "By cause", columns: ["Cause", { title: "Count", isNumber: true }, "What to do"], rows: counted.map(([cause, count]) => [cause, format.number(count), data.find((row) => row.cause === cause)?.advice ?? ""]) }),
              h("h3", {}, `The last ${data.length}`),
              table({
                label: "Rejections",
                columns: ["When", "Cause", { title: "Answer", isNumber: true }, "From", "Key", { title: "Bytes", isNumber: true }],
                rows: data.map((row) => [format.moment(row.time, view.zone), row.cause, String(row.status), identifier(row.remote_address), row.api_key ? identifier(row.api_key) : "–", row.content_length === null ? "–" : format.number(row.content_length)]),
              }),
            ],
        h("h3", {}, "Secrets in use"),
        used,
      );
    },
  });
}

// MARK: Dead letters

function deadLetters({ view, signal }) {
  const chosen = view.filters.letter;
  const { tab: _, letter: __, ...asked } = view.filters;
  const list = card({
    title: "Events that could not be stored",
    sub: "latest first",
    room: "12rem",
    load: () => get("/api/v1/dead-letters", asked, signal),
    empty: "None. Whatever was accepted is stored.",
    draw(page, tools) {
      if (!page.data.length) return null;
      tools.append(saveButton("dead-letters", () => [["id", "type", "reason", "at", "received", "bytes"], ...page.data.map((row) => [row._id, row.type, row.reason, row.at, row.received, row.bytes])]));
      return [
        h("p", { class: "quiet small" }, `${page.data.length} shown of ${format.number(page.total)}`),
        h(
          "nav",
          { class: "items", "aria-label": "Dead letters" },
          page.data.map((letter) =>
            h(
              "a",
              { href: fragment(view, { filters: { letter: letter._id } }), "aria-current": letter._id === chosen ? "true" : null },
              h("span", { class: "line" }, h("strong", {}, h("bdi", {}, letter.type ?? "unknown type")), h("span", { class: "quiet small" }, format.moment(letter.at, view.zone))),
              h("span", { class: "small" }, line(letter.reason, 240)),
            ),
          ),
        ),
        pages(view, page),
      ];
    },
  });
  return chosen ? h("div", { class: "split" }, list, letter(view, signal, chosen)) : list;
}

function letter(view, signal, id) {
  return card({
    title: "One dead letter",
    tools: h("a", { class: "button plain", href: fragment(view, { filters: { letter: null } }) }, "Close"),
    load: () => get(`/api/v1/dead-letters/${id}`, {}, signal),
    draw: (found) =>
      h(
        "div",
        { class: "stack" },
        h("p", {}, line(found.reason, 1000)),
        h("dl", { class: "facts" }, [["Received", format.moment(found.received, view.zone)], ["Attempt", found.attempt], ["Size", format.bytes(found.bytes)], ["Id", found._id]].filter(([, value]) => value !== null && value !== undefined).flatMap(([term, value]) => [h("dt", {}, term), h("dd", {}, String(value))])),
        h("div", {}, action("Put it into the queue again", async () => {
          const { state } = await send("POST", `/api/v1/dead-letters/${id}/retry`);
          say(state === "queued" ? "It is in the queue again; if it fails again, it comes back here." : "It is part of the history already.");
          location.hash = fragment(view, { filters: { letter: null } });
        }, { className: "main" })),
        h("h3", {}, "The body, as it came"),
        found.text === null ? h("p", { class: "quiet" }, "It is no UTF-8.") : h("pre", { class: "raw" }, written(found.text, { fold: 4000 })),
      ),
  });
}

// MARK: Outgoing

const STATES = [["", "Every"], ["scheduled", "Scheduled"], ["waiting", "Waiting"], ["running", "Running"], ["done", "Done"], ["recorded", "Recorded"], ["stale", "Too old"], ["dead", "Given up"], ["cancelled", "Cancelled"]];
const FIELDS = [["state", "State", STATES], ["destination", "Destination"], ["lane", "Channel or user"], ["cause", "Because of"]];
const TONES = { done: "good", dead: "bad", stale: "warn", running: "", waiting: "" };

function effects({ view, signal }) {
  const chosen = view.filters.effect;
  const { tab: _, effect: __, ...asked } = view.filters;
  const list = card({
    title: "What goes out",
    sub: "latest first",
    room: "14rem",
    load: () => get("/api/v1/effects", asked, signal),
    empty: "Nothing. What rules, moderators and calls cause in the outside world is listed here.",
    draw(page, tools) {
      if (!page.data.length) return null;
      tools.append(saveButton("effects", () => [["id", "destination", "lane", "action", "cause", "state", "attempts", "created", "finished", "answer"], ...page.data.map((row) => [row._id, row.destination, row.lane, row.action, row.cause, row.state, row.attempts, row.created, row.finished ?? null, row.answer ?? null])]));
      return [
        h(
          "nav",
          { class: "items", "aria-label": "Effects" },
          page.data.map((effect) =>
            h(
              "a",
              { href: fragment(view, { filters: { tab: null, effect: effect._id } }), "aria-current": effect._id === chosen ? "true" : null },
              h("span", { class: "line" }, h("span", { class: `badge ${TONES[effect.state] ?? ""}` }, effect.state), h("strong", {}, effect.action), h("span", { class: "quiet small" }, "to ", effect.destination), h("span", { class: "quiet small" }, format.ago(effect.created, view.now))),
              h("span", { class: "small quiet" }, identifier(effect.lane), effect.answer && effect.state !== "done" ? [" · ", line(effect.answer)] : null),
            ),
          ),
        ),
        pages(view, page),
      ];
    },
  });
  const all = h("div", { class: "stack" }, filters(view, ["effect"], FIELDS), list);
  return chosen ? h("div", { class: "split" }, all, effect(view, signal, chosen)) : all;
}

const attempts = (count) => (count ? (count === 1 ? "one attempt" : `${count} attempts`) : "not attempted");

const RETRIED = ["dead", "stale", "recorded", "cancelled"];
const CANCELLED = ["scheduled", "waiting"];

function effect(view, signal, id) {
  const path = `/api/v1/effects/${encodeURIComponent(id)}`;
  const act = (text, verb, className) =>
    action(text, async () => {
      const { state } = await send("POST", `${path}/${verb}`);
      say(`It is ${state} now.`);
      window.dispatchEvent(new Event("hashchange"));
    }, { className });
  return card({
    title: "One effect",
    tools: h("a", { class: "button plain", href: fragment(view, { filters: { effect: null } }) }, "Close"),
    load: () => get(path, {}, signal),
    draw: (found) =>
      h(
        "div",
        { class: "stack" },
        h("p", { class: "row" }, h("span", { class: `badge ${TONES[found.state] ?? ""}` }, found.state), h("strong", {}, found.action), `to ${found.destination}, ${attempts(found.attempts)}`),
        found.answer && h("p", {}, line(found.answer, 1000)),
        h("div", { class: "row" }, RETRIED.includes(found.state) && act("Perform it", "retry", "main"), CANCELLED.includes(found.state) && act("Cancel it", "cancel", "danger")),
        h("h3", {}, "What became of it"),
        h("ol", { class: "timeline small" }, (found.timeline ?? []).map(({ at, what, detail }) => h("li", {}, h("strong", {}, what), h("span", { class: "quiet" }, ` ${format.moment(at, view.zone)}`), detail && h("div", {}, line(detail, 400))))),
        h("dl", { class: "facts" }, [["Id", found._id], ["Because of", `${found.cause}: ${found.cause_id ?? ""}`], ["Channel or user", found.lane]].flatMap(([term, value]) => [h("dt", {}, term), h("dd", {}, identifier(value))])),
        found.payload && h("details", { class: "as-table" }, h("summary", {}, "What is sent"), h("pre", { class: "raw" }, written(JSON.stringify(found.payload, null, 2), { fold: 4000 }))),
      ),
  });
}

// MARK: Destinations

function destinations({ view, signal, session }) {
  const isAdmin = session.role === "admin";
  return card({
    title: "Where effects go",
    load: () => get("/api/v1/destinations", {}, signal),
    empty: "There is no destination.",
    draw({ mode, data }) {
      const modes = { on: "Effects go out.", record: "Effects are written down and do not go out: EFFECTS says so, or the provider was not connected yet.", off: "Effects are off." };
      const turn = ({ name, paused }) =>
        action(paused ? "Resume" : "Pause", async () => {
          await send("POST", `/api/v1/destinations/${encodeURIComponent(name)}/${paused ? "resume" : "pause"}`);
          window.dispatchEvent(new Event("hashchange"));
        });
      const number = (title) => ({ title, isNumber: true });
      return [
        h("p", { class: `note ${mode === "on" ? "" : "warn"}` }, modes[mode] ?? mode),
        table({
          label: "Destinations",
          columns: ["Destination", "How it is", number("Scheduled"), number("Waiting"), number("Running"), number("Given up"), ""],
          rows: data.map((row) => [
            row.name,
            row.stopped ? h("span", { class: "badge bad" }, line(`left alone since ${format.shortMoment(row.stopped.since, view.zone)}: ${row.stopped.reason}`, 200)) : row.paused ? h("span", { class: "badge warn" }, "paused") : h("span", { class: "badge good" }, "well"),
            format.number(row.scheduled),
            format.number(row.waiting),
            format.number(row.running),
            row.dead ? h("a", { href: fragment(view, { filters: { tab: null, state: "dead", destination: row.name } }) }, format.number(row.dead)) : "0",
            isAdmin ? turn(row) : "",
          ]),
        }),
      ];
    },
  });
}
