import { h } from "../element.js";

/** "How is this computed": a button beside a figure that opens its definition. */
export function info(metric) {
  if (!metric) return null;
  const place = h(
    "div",
    { class: "explanation", popover: "auto", role: "dialog", "aria-label": `How ${metric.title} is computed` },
    h("h3", {}, metric.title),
    h("p", {}, metric.definition),
    h(
      "dl",
      {},
      h("dt", {}, "Unit"),
      h("dd", {}, metric.unit),
      metric.events?.length ? [h("dt", {}, "From events"), h("dd", {}, metric.events.join(", "))] : null,
      h("dt", {}, "Name"),
      h("dd", {}, h("code", {}, metric.name)),
    ),
  );
  const button = h("button", { class: "info", type: "button", "aria-label": `How is ${metric.title} computed?` });
  button.addEventListener("click", () => {
    place.togglePopover();
    if (place.matches(":popover-open")) stand(place, button);
  });
  return h("span", {}, button, place);
}

/** Under the button, and within the window. */
function stand(place, button) {
  const edge = 12;
  const anchor = button.getBoundingClientRect();
  const size = place.getBoundingClientRect();
  const left = Math.max(edge, Math.min(anchor.left, innerWidth - size.width - edge));
  const below = anchor.bottom + 6;
  const top = below + size.height > innerHeight - edge ? Math.max(edge, anchor.top - size.height - 6) : below;
  place.style.setProperty("position", "fixed");
  place.style.setProperty("inset", "auto");
  place.style.setProperty("left", `${left}px`);
  place.style.setProperty("top", `${top}px`);
}
