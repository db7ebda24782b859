import { send } from "../api.js";
import { fill, h } from "../element.js";
import { field } from "./form.js";

/** The door: a key is shown once, and the browser keeps a session in its place. */
export function signIn(enter) {
  const input = h("input", { type: "password", name: "key", autocomplete: "current-password", required: true, spellcheck: "false", "aria-describedby": "door-help" });
  const button = h("button", { class: "button main", type: "submit" }, "Sign in");
  const said = h("div", { role: "alert" });
  const form = h(
    "form",
    {},
    h("div", { class: "brand" }, h("img", { src: "/dashboard/icon.svg", alt: "" }), h("h1", {}, "Backchannel")),
    field("API key", input),
    button,
    said,
    h("p", { class: "quiet small", id: "door-help" }, "Keys are made with ", h("code", {}, "backchannel keys create"), ". After ", h("code", {}, "make run"), " there is one in ", h("code", {}, ".data/development.env"), "."),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      const session = await send("POST", "/api/v1/session", { key: input.value.trim() });
      input.value = "";
      enter(session);
    } catch (error) {
      fill(said, h("p", { class: "note bad" }, error.message));
      input.select();
    } finally {
      button.disabled = false;
    }
  });
  return h("main", { class: "door" }, form);
}
