import { actingUser, send, setActingUser } from "../api.js";
import { fill, h } from "../element.js";
import { setTheme, theme } from "../theme.js";
import { RANGES, fragment, rememberZone } from "../view.js";
import { ownZone } from "../zone.js";
import { field, select } from "./form.js";

/** The pages, in the order of the menu. `roles`: who may see what they show; `hasFigures`: shows what is in the catalogue. */
export const PAGES = {
  overview: { title: "Overview", lead: "What happens now, and against a week ago.", hasRange: true, hasFigures: true, load: () => import("../pages/overview.js") },
  conversations: { title: "Conversations", lead: "How many begin, how many find an answer, and how long they go on.", hasRange: true, hasFigures: true, load: () => import("../pages/conversations.js") },
  people: { title: "People", lead: "Who takes part, who is new, and who comes back.", hasRange: true, hasFigures: true, load: () => import("../pages/people.js") },
  channels: { title: "Channels and listings", lead: "Where people talk, and about what.", hasRange: true, hasFigures: true, load: () => import("../pages/channels.js") },
  response: { title: "Response times", lead: "How long people wait for an answer.", hasRange: true, hasFigures: true, load: () => import("../pages/response.js") },
  messages: { title: "Messages", lead: "What was written, with what was around it. Reading is noted in the audit trail.", hasRange: true, group: 1, load: () => import("../pages/messages.js") },
  moderation: { title: "Moderation", lead: "What waits for a person to decide, and what rules decided.", roles: ["moderator"], hasRange: (view) => view.filters.tab === "figures", group: 1, load: () => import("../pages/moderation.js") },
  deliveries: { title: "Deliveries", lead: "What came in and was refused, what could not be stored, and what goes out.", roles: ["moderator"], group: 1, load: () => import("../pages/deliveries.js") },
  system: { title: "System", lead: "How the service itself is.", group: 1, load: () => import("../pages/system.js") },
};

const mayOpen = (page, role) => !page.roles || role === "admin" || page.roles.includes(role);

/** Menu, controls and the place where pages are shown. */
export function shell(session, leave) {
  const places = h("nav", { class: "places", "aria-label": "Pages" });
  const menu = h("button", { class: "button plain menu", type: "button", "aria-expanded": "false" }, "Menu");
  const main = h("main", { id: "main", tabindex: "-1" });
  const side = h(
    "div",
    { class: "side" },
    h("div", { class: "brand" }, h("img", { src: "/dashboard/icon.svg", alt: "" }), "Backchannel"),
    menu,
    places,
    account(session, leave),
  );
  const open = (isOpen) => {
    side.toggleAttribute("data-open", isOpen);
    menu.setAttribute("aria-expanded", String(isOpen));
  };
  menu.addEventListener("click", () => open(menu.getAttribute("aria-expanded") === "false"));
  const element = h(
    "div",
    {},
    h("a", { class: "skip", href: "#main", on: { click: (event) => { event.preventDefault(); main.focus(); } } }, "To the content"),
    h("div", { class: "frame" }, side, main),
    h("div", { id: "said", role: "status", "aria-live": "polite" }),
  );
  return {
    element,
    shown: null,
    focus: () => main.focus({ preventScroll: true }),
    show(page, view, content, catalogue) {
      open(false);
      main.dataset.view = location.hash;
      fill(places, entries(view, session.role));
      fill(main, head(page, view, catalogue), content);
    },
  };
}

function entries(view, role) {
  let group = 0;
  return Object.entries(PAGES).filter(([, page]) => mayOpen(page, role)).flatMap(([name, page]) => {
    const rule = (page.group ?? 0) !== group && h("div", { class: "rule" });
    group = page.group ?? 0;
    const href = fragment(view, { page: name, filters: {} });
    return [rule, h("a", { href, "aria-current": name === view.page ? "page" : null }, page.title)];
  });
}

function head(page, view, catalogue) {
  const hasRange = page.hasRange === true || page.hasRange?.(view);
  return h(
    "div",
    { class: "head" },
    h("div", {}, h("h1", {}, page.title), h("p", {}, page.lead)),
    h("div", { class: "controls" }, hasRange && rangeControls(view), zoneControl(view, catalogue)),
  );
}

function rangeControls(view) {
  const go = (changes) => (location.hash = fragment(view, changes));
  const options = [...Object.entries(RANGES), ["", "Days of your own"]];
  const range = select(options, view.range ?? "", { change: (event) => go(event.target.value ? { range: event.target.value } : { from: view.from, to: view.to }) });
  const day = (label, value, change) => {
    const input = h("input", { type: "date", value, required: true, on: { change: () => input.validity.valid && change(input.value) } });
    return field(label, input);
  };
  return [
    field("Range", range),
    view.range === null && day("First day", view.from, (from) => go({ from, to: from > view.to ? from : view.to })),
    view.range === null && day("Last day", view.to, (to) => go({ from: to < view.from ? to : view.from, to })),
  ];
}

function zoneControl(view, catalogue) {
  const zones = [...new Set([view.zone, ...catalogue.zones, ownZone(), "UTC"])];
  const options = [...zones.map((zone) => [zone, zone.replaceAll("_", " ")]), ["…", "Another …"]];
  const control = select(options, view.zone, {
    change: (event) => {
      if (event.target.value === "…") return whole.replaceChildren(...allZones(view).children);
      rememberZone(event.target.value);
      location.hash = fragment(view, { zone: event.target.value });
    },
  });
  const whole = field("Time zone", control);
  return whole;
}

/** Every zone that the browser knows. */
function allZones(view) {
  const names = Intl.supportedValuesOf("timeZone");
  const control = select([...new Set([view.zone, "UTC", ...names])].map((zone) => [zone, zone.replaceAll("_", " ")]), view.zone, {
    change: (event) => {
      rememberZone(event.target.value);
      location.hash = fragment(view, { zone: event.target.value });
    },
  });
  return field("Time zone", control);
}

function account(session, leave) {
  const acting = h("input", { value: actingUser(), placeholder: "a user of the chat", autocomplete: "off", spellcheck: "false", on: { change: (event) => setActingUser(event.target.value.trim()) } });
  const look = select([["system", "As the system"], ["light", "Light"], ["dark", "Dark"]], theme(), { change: (event) => setTheme(event.target.value) });
  const out = h("button", { class: "button plain", type: "button" }, "Sign out");
  out.addEventListener("click", async () => {
    await send("DELETE", "/api/v1/session").catch(() => {});
    leave();
  });
  return h(
    "div",
    { class: "who" },
    field("You act as", acting),
    field("Colours", look),
    h("div", {}, h("strong", {}, h("bdi", {}, session.name)), session.role),
    h("div", { class: "row" }, out, h("span", {}, h("kbd", {}, "?"), " keys")),
  );
}
