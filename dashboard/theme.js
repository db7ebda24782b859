/** Light or dark: as the system has it, unless somebody chose. */

const memory = "backchannel.theme";
const CHOICES = ["system", "light", "dark"];

export const theme = () => (CHOICES.includes(localStorage.getItem(memory)) ? localStorage.getItem(memory) : "system");

export function applyTheme() {
  const chosen = theme();
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

export function setTheme(chosen) {
  localStorage.setItem(memory, chosen);
  applyTheme();
  // Charts have their colours painted in.
  window.dispatchEvent(new Event("theme"));
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => window.dispatchEvent(new Event("theme")));
