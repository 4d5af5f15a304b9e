"use strict";
// Every text of a server's or a report's enters the tree through a text node; nothing here parses markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const RESULTS = ["fail", "error", "warn", "skip", "unreachable", "ambiguous", "disabled", "pass"];
  const LOOKS = {
    fail: "bad", error: "bad", "not conformant": "bad", "harness error": "bad", warn: "odd", skip: "odd", partial: "odd",
    disabled: "note", ambiguous: "note", unreachable: "calm", pass: "good", conformant: "good",
  };
  const MOST = 5;
  const LEVELS = ["MUST", "SHOULD", "MAY"];
  const AREAS = {
    AUTH: "Keys", REQ: "Requests", ERR: "Errors", RES: "Answers", TASK: "Life of a task", CB: "Callbacks",
    LINK: "Result links", OWN: "Between accounts", BILL: "Billing", WIRE: "On the wire", LOAD: "Under load",
    CLIENT: "The client",
  };

  function make(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === true) node.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return node;
  }
  // bdi keeps right-to-left text from reordering what stands beside it
  const said = (text, name) => make("bdi", { class: name }, String(text));
  // names stand between backticks, as in the requirements' own files
  const worded = (text, name) => make("bdi", { class: name }, ...text.split(/`([^`]+)`/).map((part, index) => (index % 2 ? make("code", {}, part) : part)));
  const count = (number) => number.toLocaleString("en");
  const plural = (number, noun, many = `${noun}s`) => `${count(number)} ${number === 1 ? noun : many}`;
  const mark = (word) => make("span", { class: `badge is-${LOOKS[word] || "calm"}` }, word);

  const entries = data.runs.flatMap((run) => {
    const exchanges = new Map(run.exchanges.map((exchange) => [exchange.number, exchange]));
    return run.requirements.map((requirement) => ({ requirement, run, exchanges, row: null, node: null, body: null, text: null }));
  });
  const rank = (entry) => RESULTS.indexOf(entry.requirement.result);
  const areas = Object.keys(AREAS);
  entries.sort((one, other) =>
    (rank(one) < 3 ? 0 : 1) - (rank(other) < 3 ? 0 : 1)
    || areas.indexOf(one.requirement.area) - areas.indexOf(other.requirement.area)
    || data.runs.indexOf(one.run) - data.runs.indexOf(other.run)
    || rank(one) - rank(other)
    || LEVELS.indexOf(one.requirement.level) - LEVELS.indexOf(other.requirement.level)
    || (one.requirement.id < other.requirement.id ? -1 : 1));

  // ---- head -----------------------------------------------------------------------------------

  function buildHead() {
    const runs = make("div", { class: "runs" });
    for (const run of data.runs) {
      const { subject, spending } = run;
      const facts = make("dl", {});
      const fact = (name, ...value) => facts.append(make("dt", {}, name), make("dd", {}, ...value));
      fact("Address", said(subject.base_url, "mono"));
      fact("Requirements", said(run.contract.requirements));
      fact("Sent", `${plural(spending.requests, "request")}, ${plural(spending.paid_tasks, "paid task")}${spent(spending)}`);
      if (subject.profile === "live" || spending.budget) fact("Budget", spending.budget
        ? `${plural(spending.budget.max_paid_requests, "paid request")}, ${plural(spending.budget.max_credits, "credit")}` : "none");
      runs.append(make(
        "section", { class: `run is-${LOOKS[run.verdict] || "calm"}` },
        make("h2", {}, said(subject.name || subject.provider), mark(run.verdict), make("span", { class: "soft" }, subject.profile)),
        run.sentence ? make("p", {}, said(run.sentence)) : null,
        ...run.faults.map((fault) => make("p", { class: "fault" }, said(fault))),
        facts,
      ));
    }
    const title = data.runs.map((run) => run.subject.provider).join(" and ");
    byId("head").append(
      make("h1", {}, "Conformance", title ? " of " : "", said(title), " ", mark(data.verdict)),
      make("p", { class: "tally" }, said(data.tally), make("span", { class: "soft" }, ` · judged at ${data.level}, seed ${data.seed}`)),
      runs,
    );
  }
  const spent = (spending) => (spending.credits === null || spending.credits === undefined ? "" : `, ${plural(spending.credits, "credit")}`);

  // ---- filters --------------------------------------------------------------------------------

  const FACETS = [
    { name: "result", title: "Result", of: (entry) => entry.requirement.result, order: RESULTS },
    { name: "level", title: "Level", of: (entry) => entry.requirement.level, order: LEVELS },
    { name: "provider", title: "Provider", of: (entry) => entry.run.subject.provider, order: null },
    { name: "area", title: "Area", of: (entry) => entry.requirement.area, order: areas },
  ];
  const chosen = Object.fromEntries(FACETS.map((facet) => [facet.name, new Set()]));
  let terms = [];

  function textOf(entry) {
    if (entry.text === null) {
      const { requirement } = entry;
      const parts = [requirement.id, requirement.text, requirement.clause, requirement.message, requirement.result, AREAS[requirement.area]];
      for (const source of requirement.sources) parts.push(source.page, source.locale, source.pointer);
      for (const finding of requirement.findings) parts.push(finding.message);
      entry.text = parts.concat(requirement.checks).filter(Boolean).join("\n").toLowerCase();
    }
    return entry.text;
  }
  const meets = (entry, facet) => !chosen[facet.name].size || chosen[facet.name].has(facet.of(entry));
  const matches = (entry) => terms.every((term) => textOf(entry).includes(term));

  function buildFacets() {
    for (const facet of FACETS) {
      const values = new Set(entries.map(facet.of));
      facet.values = facet.order ? facet.order.filter((value) => values.has(value)) : [...values].sort();
      facet.chips = new Map();
      if (facet.values.length < 2 && facet.name !== "result") continue;
      const set = make("fieldset", { id: `facet-${facet.name}` }, make("legend", {}, facet.title));
      for (const value of facet.values) {
        const many = make("span", { class: "many" });
        const chip = make("button", { type: "button", class: "chip", "aria-pressed": "false", "data-value": value, title: AREAS[value] || value }, said(value), many);
        chip.addEventListener("click", () => {
          if (!chosen[facet.name].delete(value)) chosen[facet.name].add(value);
          apply();
        });
        facet.chips.set(value, { chip, many });
        set.append(chip);
      }
      byId("facets").append(set);
    }
  }

  function apply() {
    const counts = Object.fromEntries(FACETS.map((facet) => [facet.name, new Map()]));
    let visible = 0;
    for (const entry of entries) {
      const found = matches(entry);
      const failed = FACETS.filter((facet) => !meets(entry, facet));
      // a chip counts what it would show, so its own facet does not count against it
      for (const facet of FACETS) {
        if (!found || failed.some((other) => other !== facet)) continue;
        counts[facet.name].set(facet.of(entry), (counts[facet.name].get(facet.of(entry)) || 0) + 1);
      }
      entry.node.hidden = !(found && failed.length === 0);
      visible += !entry.node.hidden;
    }
    for (const group of groups) group.node.hidden = group.entries.every((entry) => entry.node.hidden);
    for (const facet of FACETS) {
      for (const [value, { chip, many }] of facet.chips) {
        const number = counts[facet.name].get(value) || 0;
        many.textContent = count(number);
        chip.classList.toggle("none", number === 0);
        chip.setAttribute("aria-pressed", String(chosen[facet.name].has(value)));
      }
    }
    const filtered = terms.length > 0 || Object.values(chosen).some((set) => set.size);
    byId("clear").hidden = !filtered;
    const all = plural(entries.length, "requirement");
    byId("shown").textContent = filtered ? `${count(visible)} of ${all}` : all;
    empty.hidden = visible > 0;
    remember();
  }

  // the address keeps the filters, so that a view can be shared
  function remember() {
    const state = new URLSearchParams();
    for (const facet of FACETS) if (chosen[facet.name].size) state.set(facet.name, [...chosen[facet.name]].sort().join(","));
    if (byId("search").value) state.set("q", byId("search").value);
    const hash = state.toString();
    try {
      history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
    } catch {
      // some viewers of attachments forbid it; filters work all the same
    }
  }

  function recall() {
    const state = new URLSearchParams(location.hash.slice(1));
    for (const facet of FACETS) {
      const given = (state.get(facet.name) || "").split(",");
      chosen[facet.name] = new Set(given.filter((value) => facet.values.includes(value)));
    }
    byId("search").value = state.get("q") || "";
    search();
  }
  function search() {
    terms = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    apply();
  }

  // ---- the list -------------------------------------------------------------------------------

  const groups = [];
  const empty = make("p", { class: "empty", hidden: true }, entries.length ? "No requirement matches these filters." : "Nothing was judged.");

  function buildList() {
    let group = null;
    for (const entry of entries) {
      const { requirement, run } = entry;
      const key = JSON.stringify([rank(entry) < 3, requirement.area, data.runs.indexOf(run)]);
      if (group === null || group.key !== key) {
        const where = data.runs.length > 1 ? `${run.subject.provider} · ` : "";
        const head = make("h2", {}, AREAS[requirement.area] || requirement.area, make("span", { class: "soft" }, `${where}${rank(entry) < 3 ? "broken" : requirement.area}`));
        group = { key, entries: [], node: make("section", { class: "group" }, head) };
        groups.push(group);
        byId("list").append(group.node);
      }
      group.entries.push(entry);
      group.node.append(buildEntry(entry));
    }
    byId("list").append(empty);
  }

  const placeOf = (source) => source.page + (source.line ? `:${source.line}` : "");

  function buildEntry(entry) {
    const { requirement } = entry;
    const facts = make("span", { class: "facts" }, make("code", {}, requirement.id), make("span", {}, requirement.level));
    if (requirement.cases) facts.append(make("span", {}, plural(requirement.cases, "case")));
    if (requirement.sources.length) facts.append(said(placeOf(requirement.sources[0]), "mono"));
    if (requirement.stale) facts.append(make("span", { class: "badge is-odd" }, "known to fail, but holds"));
    entry.row = make(
      "button", { type: "button", class: "row", "aria-expanded": "false" },
      mark(requirement.result), worded(requirement.text, "says"), make("span", { class: "mark", "aria-hidden": "true" }), facts,
    );
    entry.row.addEventListener("click", () => open(entry, !entry.body || entry.body.hidden));
    entry.node = make("article", { class: `entry is-${LOOKS[requirement.result] || "calm"}`, "data-id": requirement.id }, entry.row);
    return entry.node;
  }

  // A body is built when it is first opened: nobody reads them all.
  function open(entry, wanted) {
    if (wanted && !entry.body) {
      entry.body = buildBody(entry);
      entry.node.append(entry.body);
    }
    if (entry.body) entry.body.hidden = !wanted;
    entry.row.setAttribute("aria-expanded", String(wanted));
  }

  function buildBody(entry) {
    const { requirement, exchanges } = entry;
    const body = make("div", { class: "body" });
    if (requirement.message && !requirement.findings.length) body.append(make("p", { class: "told" }, said(requirement.message)));
    if (requirement.sources.length) {
      body.append(make("h3", {}, "Where it is written"));
      if (requirement.clause) body.append(make("blockquote", {}, worded(requirement.clause)));
      body.append(buildSources(requirement.sources));
    }
    if (requirement.checks.length) body.append(make("h3", {}, "Judged by"), make("p", {}, said(requirement.checks.join(", "), "mono")));
    if (requirement.findings.length) body.append(make("h3", {}, plural(requirement.findings.length, "finding")));
    body.append(...requirement.findings.slice(0, MOST).map((finding, index) => buildFinding(finding, exchanges, index === 0)));
    if (requirement.findings.length > MOST) {
      const more = make("details", { class: "more" }, make("summary", {}, `${count(requirement.findings.length - MOST)} more`));
      more.addEventListener("toggle", () => {
        if (more.childElementCount === 1) more.append(...requirement.findings.slice(MOST).map((finding) => buildFinding(finding, exchanges, false)));
      });
      body.append(more);
    }
    const examples = (requirement.examples || []).filter((number) => exchanges.has(number));
    if (examples.length) body.append(make("h3", {}, "Seen, for example"));
    for (const number of examples) body.append(buildExchange(exchanges.get(number), examples.length === 1));
    return body;
  }

  function buildFinding(finding, exchanges, first) {
    const box = make("section", { class: "finding" }, make("p", { class: "told" }, said(finding.message)));
    finding.exchanges.forEach((number, index) => {
      if (exchanges.has(number)) box.append(buildExchange(exchanges.get(number), first && index === 0));
    });
    return box;
  }

  function buildSources(sources) {
    const list = make("dl", { class: "sources" });
    for (const source of sources) {
      list.append(make("dt", {}, source.locale || "ours"), make(
        "dd", {}, said(placeOf(source), "mono"), source.pointer ? " " : null, source.pointer ? said(source.pointer, "mono soft") : null,
        source.sha256 ? make("span", { class: "mono soft", title: `SHA-256 of the page: ${source.sha256}` }, ` ${source.sha256.slice(0, 12)}`) : null,
      ));
    }
    return list;
  }

  function buildExchange(exchange, wanted) {
    const { response } = exchange;
    const node = make(
      "details", { class: "exchange", open: wanted },
      make("summary", {},
        make("span", { class: "soft" }, `#${exchange.number}`), make("strong", {}, exchange.method), said(exchange.url, "mono"),
        make("span", { class: "badge" }, response && response.status ? `HTTP ${response.status}` : exchange.fault || "no answer"),
        make("span", { class: "soft" }, said(exchange.role), exchange.purpose ? ` · ${exchange.purpose}` : "")),
    );
    const answer = response ? buildSide(`Answer: HTTP ${response.status}`, response) : make("section", { class: "side" }, make("h4", {}, "No answer"));
    if (exchange.fault) answer.append(make("p", { class: "fault" }, said(exchange.fault)));
    node.append(make("div", { class: "sides" }, buildSide("Request", exchange.request), answer));
    if (exchange.curl) node.append(buildCurl(exchange.curl));
    return node;
  }

  function buildSide(title, message) {
    const headers = make("p", { class: "headers" });
    for (const [name, value] of message.headers) headers.append(said(`${name}: ${value}`), make("br"));
    const side = make("section", { class: "side" }, make("h4", {}, title), headers);
    if (message.body) side.append(colored(message.body));
    else if (message.base64) side.append(make("pre", { class: "block" }, said(`base64: ${message.base64}`)));
    else side.append(make("p", { class: "soft" }, "no body"));
    return side;
  }

  function buildCurl(command) {
    const text = make("pre", { class: "block", tabindex: "0" }, said(command));
    const copy = make("button", { type: "button", class: "plainly" }, "Copy");
    copy.addEventListener("click", async () => {
      getSelection().selectAllChildren(text);
      try {
        await navigator.clipboard.writeText(command);
        copy.textContent = "Copied";
      } catch {
        copy.textContent = "Selected"; // where the clipboard is not for pages, the keys do it
      }
    });
    return make("section", { class: "again" }, make("div", { class: "line" }, make("span", { class: "soft" }, "To reproduce"), copy), text);
  }

  function colored(text) {
    const block = make("pre", { class: "block", tabindex: "0" });
    const token = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|\b(true|false|null)\b/g;
    let end = 0;
    for (const found of /^\s*[[{]/.test(text) ? text.matchAll(token) : []) {
      block.append(text.slice(end, found.index));
      const kind = found[1] ? (found[2] ? "name" : "text") : found[3] ? "number" : "word";
      block.append(make("span", { class: kind }, found[1] || found[0]), found[2] || "");
      end = found.index + found[0].length;
    }
    block.append(text.slice(end));
    return block;
  }

  // ---- coverage -------------------------------------------------------------------------------

  const part = (seen, all, noun) => (all ? `${count(seen)}/${count(all)} ${noun}` : "");

  function buildCoverage() {
    const runs = data.runs.filter((run) => run.coverage && run.coverage.operations.length);
    for (const run of runs) {
      const { operations } = run.coverage;
      const statuses = operations.flatMap((operation) => operation.statuses.filter((status) => status.documented));
      const fields = operations.flatMap((operation) => operation.fields);
      const values = fields.flatMap((field) => field.values);
      const told = [
        part(operations.filter((operation) => operation.requests).length, operations.length, "operations"),
        part(statuses.filter((status) => status.seen).length, statuses.length, "statuses"),
        part(fields.filter((field) => field.sent).length, fields.length, "parameters"),
        part(values.filter((value) => value.sent).length, values.length, "named values"),
      ].filter(Boolean).join(" · ");
      const box = make("details", { class: "covered" },
        make("summary", {}, make("strong", {}, runs.length > 1 ? "Coverage of " : "Coverage of the contract", runs.length > 1 ? said(run.subject.provider) : null), make("span", { class: "soft" }, told)));
      for (const operation of operations) box.append(buildOperation(operation));
      byId("coverage").append(box);
    }
  }

  function buildOperation(operation) {
    const cell = (text, seen, kind) => make("li", { class: `cell ${kind}` }, said(text), make("span", { class: "many" }, seen ? count(seen) : "never"));
    const statuses = make("ul", { class: "cells", "aria-label": "Statuses" });
    for (const status of operation.statuses) {
      if (!status.documented && !status.seen) continue;
      statuses.append(cell(status.documented ? status.status : `${status.status} undocumented`, status.seen, status.documented ? (status.seen ? "" : "missed") : "alien"));
    }
    const node = make("section", { class: "operation" },
      make("h3", {}, said(`${operation.method} ${operation.path}`, "mono"), make("span", { class: "soft" }, ` ${plural(operation.requests, "request")}`)), statuses);
    if (!operation.fields.length) return node;
    const rows = operation.fields.map((field) => {
      const values = make("ul", { class: "cells" });
      for (const value of field.values) values.append(cell(typeof value.value === "string" ? value.value : JSON.stringify(value.value), value.sent, value.sent ? "" : "missed"));
      return make("tr", {}, make("td", {}, said(field.field, "mono")), make("td", { class: "many" }, field.sent ? count(field.sent) : "never"), make("td", {}, field.values.length ? values : ""));
    });
    node.append(make("table", { class: "fields" },
      make("thead", {}, make("tr", {}, make("th", {}, "Parameter"), make("th", { class: "many" }, "Sent"), make("th", {}, "Named values"))),
      make("tbody", {}, ...rows)));
    return node;
  }

  // ---- all together ---------------------------------------------------------------------------

  buildHead();
  buildFacets();
  buildList();
  buildCoverage();
  const closeFacets = (closed) => {
    byId("facets").toggleAttribute("data-closed", closed);
    byId("toggle").setAttribute("aria-expanded", String(!closed));
  };
  closeFacets(matchMedia("(max-width: 44rem)").matches);
  byId("toggle").addEventListener("click", () => closeFacets(!byId("facets").hasAttribute("data-closed")));
  byId("clear").addEventListener("click", () => {
    for (const set of Object.values(chosen)) set.clear();
    byId("search").value = "";
    search();
  });
  byId("search").addEventListener("input", search);
  byId("bar").addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", recall);
  recall();
})();
