/// The page that shows `/openapi.json` to people: three files, none from elsewhere.
enum DocumentationPage {
    static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    static let html = """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Backchannel: interface</title>
        <link rel="stylesheet" href="/docs/page.css">
        <script src="/docs/page.js" defer></script>
        <header>
        <h1>Backchannel</h1>
        <p id="about">The interface in OpenAPI 3.1: <a href="/openapi.json">openapi.json</a></p>
        <label>Find <input id="find" type="search" placeholder="path or words" autocomplete="off"></label>
        </header>
        <main id="routes" aria-live="polite">Loading …</main>
        <noscript>This page shows <a href="/openapi.json">openapi.json</a> by a script.</noscript>
        </html>
        """

    static let style = """
        :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent); }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
        header { border-bottom: 1px solid var(--line); margin-bottom: 1rem; padding-bottom: 1rem; }
        h1 { margin: 0; } h2 { margin: 2rem 0 .5rem; text-transform: capitalize; }
        input { font: inherit; padding: .3rem .5rem; width: 20rem; max-width: 100%; }
        details { border: 1px solid var(--line); border-radius: .4rem; margin: .4rem 0; padding: .3rem .7rem; }
        summary { cursor: pointer; overflow-wrap: anywhere; }
        summary code { font-weight: 600; }
        .method { display: inline-block; min-width: 4.2rem; font-family: monospace; }
        table { border-collapse: collapse; width: 100%; display: block; overflow-x: auto; }
        th, td { border-bottom: 1px solid var(--line); padding: .25rem .6rem .25rem 0; text-align: left; vertical-align: top; }
        pre { border: 1px solid var(--line); border-radius: .4rem; overflow-x: auto; padding: .6rem; }
        """

    static let script = """
        "use strict";
        // Everything is put in as text: nothing of the document is ever read as HTML.
        function element(name, text, ...children) {
          const made = document.createElement(name);
          if (text) made.textContent = text;
          made.append(...children);
          return made;
        }
        function kind(schema) {
          if (!schema) return "";
          if (schema.$ref) return schema.$ref.split("/").pop();
          if (schema.anyOf) return schema.anyOf.map(kind).join(" or ");
          if (schema.enum) return schema.enum.join(", ");
          if (schema.type === "array") return "list of " + (kind(schema.items) || "anything");
          const range = "minimum" in schema ? ` ${schema.minimum} to ${schema.maximum}` : "";
          return (schema.type || "anything") + range + (schema.format ? ` (${schema.format})` : "");
        }
        function table(titles, rows) {
          const head = element("tr");
          for (const title of titles) head.append(element("th", title));
          const made = element("table", "", element("thead", "", head));
          for (const cells of rows) {
            const row = element("tr");
            for (const cell of cells) row.append(element("td", cell));
            made.append(row);
          }
          return made;
        }
        function content(title, parts) {
          const made = [];
          for (const [type, part] of Object.entries(parts || {})) {
            made.push(element("h4", `${title} ${type} ${kind(part.schema)}`));
            if ("example" in part) made.push(element("pre", JSON.stringify(part.example, null, 2)));
          }
          return made;
        }
        function show(path, method, route) {
          const head = element("summary", "", element("span", method.toUpperCase()), element("code", path), " – " + route.summary);
          head.firstChild.className = "method";
          const made = element("details", "", head);
          made.dataset.words = `${method} ${path} ${route.summary}`.toLowerCase();
          const roles = (route.security || []).flatMap(part => Object.entries(part)).map(([name, roles]) => [name, ...roles].join(" "));
          made.append(element("p", roles.length ? "Needs: " + roles.join(", ") : "Needs no key."));
          if (route.description) made.append(element("p", route.description));
          if (route.parameters) made.append(table(["name", "in", "kind", "required", ""], route.parameters.map(part =>
            [part.name, part.in, kind(part.schema), part.required ? "yes" : "", part.description])));
          if (route.requestBody) made.append(...content("Body", route.requestBody.content));
          made.append(element("h4", "Answers"), table(["status", ""], Object.entries(route.responses).map(([status, part]) =>
            [status, part.description || "a problem (RFC 9457)"])));
          for (const [status, part] of Object.entries(route.responses)) made.append(...content(status, part.content));
          return made;
        }
        async function start() {
          const place = document.getElementById("routes");
          try {
            const answer = await fetch("/openapi.json");
            if (!answer.ok) throw new Error(`status ${answer.status}`);
            const api = await answer.json();
            document.getElementById("about").prepend(`Version ${api.info.version}. `);
            const groups = new Map();
            for (const [path, methods] of Object.entries(api.paths))
              for (const [method, route] of Object.entries(methods)) {
                const tag = route.tags[0];
                if (!groups.has(tag)) groups.set(tag, element("section", "", element("h2", tag)));
                groups.get(tag).append(show(path, method, route));
              }
            place.replaceChildren(...groups.values());
            document.getElementById("find").addEventListener("input", event => {
              const words = event.target.value.toLowerCase().split(" ");
              for (const part of place.querySelectorAll("details"))
                part.hidden = !words.every(word => part.dataset.words.includes(word));
              for (const part of place.querySelectorAll("section"))
                part.hidden = !part.querySelector("details:not([hidden])");
            });
          } catch (problem) {
            place.textContent = "openapi.json could not be read: " + problem.message;
          }
        }
        start();
        """
}
