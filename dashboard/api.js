/** What the service refused or could not do. */
export class Refusal extends Error {
  constructor(status, detail, retryAfter = null) {
    super(detail);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** Dispatched at the window when the session is over. */
export const SIGNED_OUT = "signed-out";

/** Who acts, where several share a key: goes into the audit trail. */
const acting = "backchannel.acting";
export const actingUser = () => localStorage.getItem(acting) ?? "";
export const setActingUser = (id) => localStorage.setItem(acting, id);

/** A path with its query; values that are empty are left out. */
export function address(path, query = {}) {
  const pairs = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path;
}

/** The JSON that a path answers. */
export const get = (path, query, signal) => call("GET", address(path, query), undefined, signal);

/** What changes something: the header tells the service that no other site's page has sent it. */
export const send = (method, path, body) => call(method, path, body);

async function call(method, path, body, signal) {
  const headers = { "X-Requested-With": "dashboard" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  // A header holds ISO 8859-1: another name cannot be sent, and is none that a chat has.
  if (/^[\x21-\x7e]+$/.test(actingUser())) headers["X-Acting-User"] = actingUser();
  let answer;
  try {
    answer = await fetch(path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(0, "The service cannot be reached. Is it running, and are you online?");
  }
  const isJSON = (answer.headers.get("Content-Type") ?? "").includes("json");
  const content = isJSON ? await answer.json() : await answer.text();
  if (answer.ok) return content;
  if (answer.status === 401 && path !== "/api/v1/session") window.dispatchEvent(new Event(SIGNED_OUT));
  const detail = isJSON ? content.detail : `The service answered ${answer.status}.`;
  throw new Refusal(answer.status, detail, Number(answer.headers.get("Retry-After")) || null);
}
