import { h, heard } from "../element.js";

/** Tables whose cells are the deeper the more they hold. */

const cell = (share, text, title) => h("td", { style: { "--heat": share.toFixed(3) }, title }, text);

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** Weekdays × hours. @param {Map<string, number>} counts by "1-00" (Monday, midnight) */
export function hours(counts, label, format) {
  const most = Math.max(1, ...counts.values());
  const names = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));
  return h(
    "div",
    { class: "table", tabindex: "0", role: "region", "aria-label": label },
    h(
      "table",
      { class: "heat hours" },
      h("colgroup", {}, h("col")),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, heard("Weekday")), names.map((hour) => h("th", { scope: "col" }, h("span", {}, hour))))),
      h(
        "tbody",
        {},
        DAYS.map((day, index) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, day),
            names.map((hour) => {
              const count = counts.get(`${index + 1}-${hour}`) ?? 0;
              return cell(count / most, heard(format(count)), `${day} ${hour}:00 – ${format(count)}`);
            }),
          ),
        ),
      ),
    ),
  );
}

/** Cohorts: who of those that came in a period came again later. @param {{name, size, values: (number | null)[]}[]} cohorts shares */
export function cohorts(rows, label, heading) {
  const width = Math.max(...rows.map(({ values }) => values.length));
  return h(
    "div",
    { class: "table", tabindex: "0", role: "region", "aria-label": label },
    h(
      "table",
      { class: "heat cohorts" },
      h("colgroup", {}, h("col"), h("col")),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, heading), h("th", { scope: "col" }, "Users"), Array.from({ length: width }, (_, index) => h("th", { scope: "col" }, `+${index}`)))),
      h(
        "tbody",
        {},
        rows.map(({ name, size, values }) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, name),
            h("td", { class: "none" }, size),
            Array.from({ length: width }, (_, index) => {
              const share = values[index];
              if (share === null || share === undefined) return h("td", { class: "none" });
              const percent = `${Math.round(share * 100)}`;
              return cell(share, percent, `${name}, +${index}: ${percent} % of ${size}`);
            }),
          ),
        ),
      ),
    ),
  );
}
