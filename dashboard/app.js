import { SIGNED_OUT, get } from "./api.js";
import { loadCatalogue } from "./analytics.js";
import { fill, h } from "./element.js";
import { closing, nothing } from "./parts/section.js";
import { PAGES, shell } from "./parts/shell.js";
import { signIn } from "./parts/sign-in.js";
import { followKeys } from "./parts/keys.js";
import { applyTheme } from "./theme.js";
import { readView } from "./view.js";

/** Starts the dashboard: who is signed in, what is looked at, and the page that shows it. */

const app = document.getElementById("app");
let session = null;
/** Ends what the page shown before still waits for. */
let leaving = new AbortController();
let frame = null;

async function start() {
  applyTheme();
  window.addEventListener("hashchange", show);
  window.addEventListener("theme", show);
  window.addEventListener(SIGNED_OUT, askForKey);
  followKeys();
  try {
    session = await get("/api/v1/session");
  } catch (error) {
    fill(app, h("main", {}, closing(error, () => location.reload())));
    return;
  }
  if (session.role) enter();
  else askForKey();
}

function askForKey() {
  leaving.abort();
  session = null;
  frame = null;
  fill(app, signIn((found) => {
    session = found;
    enter();
  }));
  app.querySelector("input")?.focus();
}

function enter() {
  frame = shell(session, () => {
    session = null;
    askForKey();
  });
  fill(app, frame.element);
  show();
}

async function show() {
  if (!session || !frame) return;
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const view = readView(location.hash);
  const page = PAGES[view.page] ?? PAGES.overview;
  const isOtherPage = frame.shown !== view.page;
  frame.shown = view.page;
  document.title = `${page.title} · Backchannel`;
  try {
    const [catalogue, module] = await Promise.all([loadCatalogue(), page.load()]);
    if (signal.aborted) return;
    const context = { view, signal, catalogue, session, metric: (name) => catalogue.metrics.get(name) };
    const isLacking = page.hasFigures && catalogue.metrics.size === 0;
    frame.show(page, view, isLacking ? nothing("This service answers no figures: it is an older one, or MongoDB is out of reach.") : module.page(context), catalogue);
  } catch (error) {
    if (!signal.aborted && session) frame.show(page, view, closing(error, show), { zones: [] });
  }
  if (isOtherPage) {
    window.scrollTo(0, 0);
    frame.focus();
  }
}

start();
