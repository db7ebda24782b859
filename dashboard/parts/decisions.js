import { get } from "../api.js";
import { h } from "../element.js";
import * as format from "../format.js";
import { saveButton } from "../csv.js";
import { identifier } from "../text.js";
import { fragment } from "../view.js";
import { filters, pages } from "./list.js";
import { card, loading } from "./section.js";

/** What rules decided, and why. */

const VERDICTS = [["", "Every"], ["allow", "Allow"], ["mask", "Mask"], ["hold", "Hold"], ["block", "Block"], ["ban", "Ban"]];
const FIELDS = [["rule", "Rule"], ["user", "User"], ["message", "Message"], ["verdict", "Verdict", VERDICTS]];
const TONES = { hold: "warn", mask: "warn", block: "bad", ban: "bad" };

export function decisionList({ view, signal }) {
  const { tab: _, item: __, ...asked } = view.filters;
  const list = card({
    title: "Decisions of rules",
    sub: "latest event first",
    room: "14rem",
    load: () => get("/api/v1/decisions", asked, signal),
    empty: "No rule has had anything to say. Rules are read from RULES_DIR.",
    draw(page, tools) {
      if (!page.data.length) return null;
      tools.append(saveButton("decisions", () => table(page.data)));
      return [
        h("div", { class: "stack" }, page.data.map((decision) => explained(decision, view))),
        pages(view, page),
      ];
    },
  });
  return h("div", { class: "stack" }, filters(view, [], FIELDS), list);
}

/** One decision with the rules that fired and what they saw; the whole explanation on demand. */
export function explained(decision, view) {
  const fired = decision.fired ?? [];
  const whole = h("div", {});
  const details = h("details", { class: "as-table" }, h("summary", {}, "Every rule, condition by condition"), whole);
  details.addEventListener("toggle", () => {
    if (!details.open || whole.childNodes.length) return;
    loading(whole, { load: () => get(`/api/v1/decisions/${encodeURIComponent(decision._id)}/explain`), draw: explanation });
  });
  return h(
    "article",
    { class: "message" },
    h(
      "div",
      { class: "by" },
      h("span", { class: `badge ${TONES[decision.verdict] ?? ""}` }, decision.verdict),
      h("strong", {}, fired.map(({ rule }) => rule).join(", ") || "no rule any more"),
      h("time", { datetime: decision.at }, format.moment(decision.at, view.zone)),
      decision.user_id && h("span", {}, "by ", h("a", { href: fragment(view, { page: "messages", filters: { user: decision.user_id } }) }, identifier(decision.user_id))),
      decision.message_id && h("a", { href: fragment(view, { page: "messages", filters: { message: decision.message_id } }) }, "the message"),
      decision.late && h("span", { class: "badge" }, "late: recorded only"),
    ),
    fired.map((rule) => h("div", { class: "small" }, because(rule))),
    details,
  );
}

function because({ rule, mode, matches = [], values = [], actions = [] }) {
  const seen = [...matches.map(({ pattern }) => `“${pattern}”`), ...values.map(({ name, value }) => `${name} is ${JSON.stringify(value)}`)];
  return [
    h("code", {}, rule),
    mode === "shadow" ? " (in shadow mode)" : "",
    seen.length ? [": ", h("bdi", {}, seen.join(", "))] : "",
    actions.length ? h("span", { class: "quiet" }, ` → ${actions.join(", ")}`) : "",
  ];
}

function explanation({ rules, rerun }) {
  const again = { same: "Made again today, it comes out the same.", different: "Made again today, it comes out differently.", impossible: `It cannot be made again: ${rerun?.reason ?? ""}` };
  return [rerun && h("p", {}, again[rerun.result] ?? ""), h("div", { class: "stack" }, (rules ?? []).map(ruleTree))];
}

const OUTCOMES = { fired: "fired", quiet: "did not fire", unknown: "not known", "other-event": "is about other events" };

function ruleTree({ rule, mode, outcome, place, actions, condition }) {
  return h(
    "details",
    { class: "as-table", open: outcome === "fired" },
    h("summary", {}, h("code", {}, rule), ` ${OUTCOMES[outcome] ?? outcome ?? ""}`, mode === "shadow" ? " (in shadow mode)" : ""),
    condition && h("ul", { class: "conditions" }, conditionTree(condition)),
    h("p", { class: "quiet" }, place ? [h("code", {}, place), " → "] : "", (actions ?? []).join(", ")),
  );
}

const TRUTHS = { true: ["✓", "true: "], false: ["✗", "false: "], unknown: ["?", "not known: "] };

function conditionTree({ condition, truth, found, parts }) {
  const [sign, words] = TRUTHS[truth] ?? ["·", ""];
  return h(
    "li",
    { class: truth },
    h("span", { "aria-hidden": "true", class: "sign" }, sign),
    h("span", { class: "sr" }, words),
    h("bdi", {}, condition),
    found !== undefined && found !== null && h("span", { class: "quiet" }, " – found: ", h("bdi", { class: "written" }, typeof found === "string" ? found : JSON.stringify(found))),
    parts?.length ? h("ul", { class: "conditions" }, parts.map(conditionTree)) : null,
  );
}

const table = (data) => [
  ["id", "at", "verdict", "score", "rules", "user", "message", "channel"],
  ...data.map((decision) => [decision._id, decision.at, decision.verdict, decision.score, (decision.fired ?? []).map(({ rule }) => rule).join(" "), decision.user_id ?? null, decision.message_id ?? null, decision.cid ?? null]),
];
