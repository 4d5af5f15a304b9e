"use strict";
// Every text from a page or a document enters the tree through a text node; nothing here parses markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const LEVELS = ["error", "warning", "info", "accepted"];
  const CONTEXT = 3;

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
  const said = (text, name) => make("bdi", { class: name }, text);
  const plural = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

  const findings = data.changes.map((change) => ({
    change,
    level: change.accepted ? "accepted" : change.level,
    provider: data.comparisons[change.comparison].provider || data.comparisons[change.comparison].title,
    uses: change.uses === null ? [] : data.uses[change.uses],
    row: null,
    node: null,
    body: null,
    text: null,
  }));

  // ---- filters -------------------------------------------------------------------------------

  const FACETS = [
    { name: "level", title: "Level", of: (finding) => [finding.level], order: LEVELS },
    { name: "axis", title: "Axis", of: (finding) => [finding.change.axis], order: ["wire", "sdk", "prose", "language"] },
    { name: "provider", title: "Provider", of: (finding) => [finding.provider], order: null },
    { name: "language", title: "Language", of: (finding) => finding.change.languages, order: null },
  ];
  const chosen = Object.fromEntries(FACETS.map((facet) => [facet.name, new Set()]));
  let terms = [];

  function textOf(finding) {
    if (finding.text === null) {
      const { change } = finding;
      const parts = [change.message, change.rule, change.component, change.pointer, change.old, change.new, change.why];
      parts.push(finding.provider, change.before, change.after, change.witness && change.witness.payload);
      for (const [operation, role] of finding.uses) parts.push(operation, role);
      finding.text = parts.concat(change.languages).filter(Boolean).join("\n").toLowerCase();
    }
    return finding.text;
  }
  const meets = (finding, facet) => !chosen[facet.name].size || facet.of(finding).some((value) => chosen[facet.name].has(value));
  const matches = (finding) => terms.every((term) => textOf(finding).includes(term));

  function buildFacets() {
    for (const facet of FACETS) {
      const values = new Set(findings.flatMap(facet.of));
      facet.values = facet.order ? facet.order.filter((value) => values.has(value)) : [...values].sort();
      facet.chips = new Map();
      if (facet.values.length < 2 && facet.name !== "level") continue;
      const set = make("fieldset", { id: `facet-${facet.name}` }, make("legend", {}, facet.title));
      for (const value of facet.values) {
        const many = make("span", { class: "many" });
        const chip = make("button", { type: "button", class: "chip", "aria-pressed": "false", "data-value": value, title: value }, said(value), many);
        chip.addEventListener("click", () => choose(facet, value));
        facet.chips.set(value, { chip, many });
        set.append(chip);
      }
      byId("facets").append(set);
    }
  }

  function choose(facet, value) {
    const set = chosen[facet.name];
    if (!set.delete(value)) set.add(value);
    apply();
  }

  function clearAll() {
    for (const set of Object.values(chosen)) set.clear();
    byId("search").value = "";
    terms = [];
    apply();
  }

  function apply() {
    const counts = Object.fromEntries(FACETS.map((facet) => [facet.name, new Map()]));
    let shown = 0;
    for (const finding of findings) {
      const found = matches(finding);
      const failed = FACETS.filter((facet) => !meets(finding, facet));
      // a chip counts what it would show, so its own facet does not count against it
      for (const facet of FACETS) {
        if (!found || failed.some((other) => other !== facet)) continue;
        for (const value of facet.of(finding)) counts[facet.name].set(value, (counts[facet.name].get(value) || 0) + 1);
      }
      const visible = found && failed.length === 0;
      shown += visible;
      if (finding.node.hidden === visible) finding.node.hidden = !visible;
    }
    for (const group of groups) {
      const visible = group.findings.some((finding) => !finding.node.hidden);
      if (group.node.hidden === visible) group.node.hidden = !visible;
    }
    for (const facet of FACETS) {
      for (const [value, { chip, many }] of facet.chips) {
        const number = counts[facet.name].get(value) || 0;
        many.textContent = number.toLocaleString("en");
        chip.classList.toggle("none", number === 0);
        chip.setAttribute("aria-pressed", String(chosen[facet.name].has(value)));
      }
    }
    const filtered = terms.length > 0 || Object.values(chosen).some((set) => set.size);
    byId("clear").hidden = !filtered;
    byId("shown").textContent = filtered
      ? `${shown.toLocaleString("en")} of ${plural(findings.length, "finding")}`
      : plural(findings.length, "finding");
    empty.hidden = shown > 0;
    remember();
  }

  // ---- the address keeps the filters, so that a view can be shared ----------------------------

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
      const known = new Set(facet.values);
      chosen[facet.name] = new Set((state.get(facet.name) || "").split(",").filter((value) => known.has(value)));
    }
    byId("search").value = state.get("q") || "";
    setTerms();
    apply();
  }
  const setTerms = () => { terms = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean); };

  // ---- the list -------------------------------------------------------------------------------

  const groups = [];
  const empty = make("p", { class: "empty", hidden: true }, findings.length ? "No finding matches these filters." : "Nothing changed.");

  function buildList() {
    const list = document.createDocumentFragment();
    let group = null;
    for (const finding of findings) {
      const { change } = finding;
      const key = JSON.stringify([change.comparison, finding.level, change.component]);
      if (group === null || group.key !== key) {
        const from = data.comparisons.length > 1 ? make("span", { class: "from" }, said(finding.provider)) : null;
        const head = make("h2", {}, said(change.component), from);
        group = { key, findings: [], node: make("section", { class: "group" }, head) };
        groups.push(group);
        list.append(group.node);
      }
      group.findings.push(finding);
      group.node.append(buildFinding(finding));
    }
    byId("findings").append(list, empty);
  }

  function buildFinding(finding) {
    const { change } = finding;
    const facts = make("span", { class: "facts" }, make("code", {}, change.rule));
    if (change.axis !== "wire") facts.append(make("span", {}, change.axis));
    facts.append(said(change.new || change.old, "mono"));
    if (finding.uses.length) facts.append(make("span", {}, plural(finding.uses.length, "use")));
    if (change.languages.length) facts.append(make("span", {}, change.languages.join(", ")));
    finding.row = make(
      "button", { type: "button", class: "row", "aria-expanded": "false" },
      make("span", { class: `badge ${finding.level}` }, finding.level),
      said(change.message, "message"),
      make("span", { class: "mark", "aria-hidden": "true" }),
      facts,
    );
    finding.row.addEventListener("click", () => open(finding, !finding.body || finding.body.hidden));
    finding.node = make("article", { class: `finding ${finding.level}`, "data-fingerprint": change.fingerprint }, finding.row);
    return finding.node;
  }

  // A body is built when it is first opened: two thousand of them at once would be slow, and nobody reads them all.
  function open(finding, wanted) {
    if (wanted && !finding.body) {
      finding.body = buildBody(finding);
      finding.node.append(finding.body);
    }
    if (finding.body) finding.body.hidden = !wanted;
    finding.row.setAttribute("aria-expanded", String(wanted));
  }

  function buildBody(finding) {
    const { change } = finding;
    const body = make("div", { class: "body" });
    const reason = data.rules[change.rule];
    if (reason) body.append(make("p", {}, said(reason)));
    if (change.why) body.append(make("p", {}, said(change.why)));
    if (change.accepted) {
      const until = change.accepted.until ? ` until ${change.accepted.until}` : "";
      body.append(make("p", {}, `Accepted${until}: `, said(change.accepted.reason)));
    }
    const places = make("dl", { class: "places" });
    for (const [name, place] of [["Before", change.old], ["After", change.new]]) {
      if (place) places.append(make("dt", {}, name), make("dd", {}, said(place, "mono")));
    }
    if (change.pointer) places.append(make("dt", {}, "Pointer"), make("dd", {}, said(change.pointer, "mono")));
    if (change.locales.length) places.append(make("dt", {}, "Already in"), make("dd", {}, change.locales.join(", ")));
    body.append(places);
    if (change.before !== null || change.after !== null) body.append(buildSides(change.before, change.after));
    if (change.witness) {
      const verdict = (valid, when) => make("span", { class: `badge ${valid ? "good" : "error"}` }, `${valid ? "valid" : "invalid"} ${when}`);
      body.append(
        make("h3", {}, "Witness: a payload ", verdict(change.witness.valid_before, "before"), " ", verdict(change.witness.valid_after, "after")),
        colored(change.witness.payload),
      );
    }
    if (finding.uses.length) body.append(make("h3", {}, `Used by ${plural(finding.uses.length, "operation")}`), buildUses(finding.uses));
    return body;
  }

  function buildUses(uses) {
    const item = ([operation, role]) => make("li", {}, said(operation, "mono"), ` ${role}`);
    const list = make("ul", { class: "uses" }, ...uses.slice(0, 5).map(item));
    if (uses.length > 5) {
      const rest = make("ul", { class: "uses" });
      const more = make("details", {}, make("summary", {}, `${uses.length - 5} more`), rest);
      more.addEventListener("toggle", () => { if (!rest.childElementCount) rest.append(...uses.slice(5).map(item)); });
      list.append(make("li", {}, more));
    }
    return list;
  }

  function colored(text) {
    const block = make("pre", { class: "json", tabindex: "0" });
    const token = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|\b(true|false|null)\b/g;
    let end = 0;
    for (const found of text.matchAll(token)) {
      block.append(text.slice(end, found.index));
      const kind = found[1] ? (found[2] ? "name" : "text") : found[3] ? "number" : "word";
      block.append(make("span", { class: kind }, found[1] || found[0]), found[2] || "");
      end = found.index + found[0].length;
    }
    block.append(text.slice(end));
    return block;
  }

  // ---- before and after -----------------------------------------------------------------------

  // A comma appears when a member follows; that alone is no difference.
  const bare = (line) => line.replace(/,$/, "");

  function diff(before, after) {
    let start = 0;
    const most = Math.min(before.length, after.length);
    while (start < most && bare(before[start]) === bare(after[start])) start += 1;
    let end = 0;
    while (end < most - start && bare(before[before.length - 1 - end]) === bare(after[after.length - 1 - end])) end += 1;
    const olds = before.slice(start, before.length - end);
    const news = after.slice(start, after.length - end);
    const steps = [];
    for (let index = 0; index < start; index += 1) steps.push(["same", before[index], after[index]]);
    steps.push(...middle(olds, news));
    for (let index = end; index > 0; index -= 1) steps.push(["same", before[before.length - index], after[after.length - index]]);
    return steps;
  }

  function middle(olds, news) {
    const steps = [];
    if (olds.length * news.length > 250000) {
      return olds.map((line) => ["removed", line, null]).concat(news.map((line) => ["added", null, line]));
    }
    const width = news.length + 1;
    const longest = new Uint32Array((olds.length + 1) * width);
    for (let i = olds.length - 1; i >= 0; i -= 1) {
      for (let j = news.length - 1; j >= 0; j -= 1) {
        longest[i * width + j] = bare(olds[i]) === bare(news[j])
          ? longest[(i + 1) * width + j + 1] + 1
          : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
      }
    }
    let i = 0;
    let j = 0;
    while (i < olds.length || j < news.length) {
      if (i < olds.length && j < news.length && bare(olds[i]) === bare(news[j])) {
        steps.push(["same", olds[i], news[j]]);
        i += 1;
        j += 1;
      } else if (j >= news.length || (i < olds.length && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) {
        steps.push(["removed", olds[i], null]);
        i += 1;
      } else {
        steps.push(["added", null, news[j]]);
        j += 1;
      }
    }
    return steps;
  }

  // A run of removed lines stands beside the run of added lines that replaces it.
  function paired(steps) {
    const rows = [];
    let olds = [];
    let news = [];
    const flush = () => {
      for (let index = 0; index < Math.max(olds.length, news.length); index += 1) {
        rows.push({ same: false, before: olds[index] ?? null, after: news[index] ?? null });
      }
      olds = [];
      news = [];
    };
    for (const [kind, before, after] of steps) {
      if (kind === "removed") olds.push(before);
      else if (kind === "added") news.push(after);
      else {
        flush();
        rows.push({ same: true, before, after });
      }
    }
    flush();
    return rows;
  }

  function marked(text, other) {
    if (other === null) return [text];
    const mine = [...text];
    const theirs = [...other];
    const most = Math.min(mine.length, theirs.length);
    let start = 0;
    while (start < most && mine[start] === theirs[start]) start += 1;
    let end = 0;
    while (end < most - start && mine[mine.length - 1 - end] === theirs[theirs.length - 1 - end]) end += 1;
    const between = mine.slice(start, mine.length - end).join("");
    // marking nearly everything helps nobody
    if (start + end < mine.length * 0.3) return [text];
    return [mine.slice(0, start).join(""), between ? make("mark", {}, between) : "", mine.slice(mine.length - end).join("")];
  }

  function cell(text, other, kind, mark) {
    if (text === null) return make("td", { class: "filler" });
    const hint = kind === "same" ? "" : make("span", { class: "vh" }, kind === "removed" ? "removed: " : "added: ");
    const parts = kind === "same" ? [text] : marked(text, other);
    return make("td", { class: kind, "data-mark": mark }, hint, ...parts);
  }

  function buildSides(before, after) {
    const body = make("tbody", {});
    const add = ({ same, before: old, after: now }) => make(
      "tr", {},
      cell(old, now, same ? "same" : "removed", same ? " " : "−"),
      cell(now, old, same ? "same" : "added", same ? " " : "+"),
    );
    const absent = () => make("td", { class: "absent", "data-mark": " " }, "absent");
    if (before === null || after === null) {
      (before === null ? after : before).split("\n").forEach((line, index) => {
        const filled = before === null ? cell(line, null, "added", "+") : cell(line, null, "removed", "−");
        const blank = index === 0 ? absent() : make("td", { class: "filler" });
        body.append(make("tr", {}, ...(before === null ? [blank, filled] : [filled, blank])));
      });
    } else {
      const rows = paired(diff(before.split("\n"), after.split("\n")));
      const near = rows.map((row, index) => rows.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some((other) => !other.same));
      for (let index = 0; index < rows.length; index += 1) {
        let last = index;
        while (last < rows.length && !near[last]) last += 1;
        if (last - index > 2) {
          const hidden = rows.slice(index, last);
          const button = make("button", { type: "button" }, `${plural(hidden.length, "equal line")}`);
          const row = make("tr", {}, make("td", { class: "fold", colspan: "2" }, button));
          button.addEventListener("click", () => row.replaceWith(...hidden.map(add)));
          body.append(row);
          index = last - 1;
        } else body.append(add(rows[index]));
      }
    }
    const head = make("tr", {}, make("th", { scope: "col" }, "Before"), make("th", { scope: "col" }, "After"));
    const table = make("table", { class: "values" }, make("thead", {}, head), body);
    return make("div", {}, make("h3", {}, "Before and after"), table);
  }

  // ---- head and keys --------------------------------------------------------------------------

  function buildHead() {
    const head = byId("head");
    head.append(make("h1", {}, "What changed"));
    for (const one of data.comparisons) {
      const counts = make("span", { class: "counts" });
      for (const level of LEVELS) {
        const number = one.counts[level];
        const noun = level === "error" || level === "warning" ? plural(number, level) : `${number.toLocaleString("en")} ${level}`;
        if (number) counts.append(make("span", { class: `badge ${level}` }, noun));
      }
      if (!counts.childElementCount) counts.append(make("span", { class: "badge good" }, "no change"));
      const sides = make("span", { class: "sides" }, said(one.old, "mono"), " → ", said(one.new, "mono"));
      head.append(make("div", { class: "comparison" }, said(one.title, "name"), sides, counts));
    }
    const told = data.comparisons.flatMap((one) => [...one.stale.map((text) => `Stale acceptance: ${text}`), ...one.notes]);
    if (told.length) {
      const list = make("ul", {}, ...told.map((text) => make("li", {}, said(text))));
      head.append(make("details", { class: "told", open: told.length < 4 }, make("summary", {}, plural(told.length, "note")), list));
    }
  }

  function move(step) {
    const rows = findings.filter((finding) => !finding.node.hidden).map((finding) => finding.row);
    if (!rows.length) return;
    const at = rows.indexOf(document.activeElement && document.activeElement.closest(".row"));
    const within = at >= 0 ? at : rows.findIndex((row) => row.parentNode.contains(document.activeElement));
    const next = within < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, within + step));
    rows[next].focus();
    rows[next].scrollIntoView({ block: "nearest" });
  }

  function inView() {
    return findings.filter((finding) => {
      if (finding.node.hidden) return false;
      const box = finding.node.getBoundingClientRect();
      return box.bottom > 0 && box.top < innerHeight;
    });
  }

  function onKey(event) {
    const typing = event.target.matches("input, textarea, select");
    if (event.key === "Escape" && typing) {
      event.preventDefault(); // a browser would empty the field
      event.target.blur();
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return undefined;
    const act = {
      j: () => move(1),
      k: () => move(-1),
      "/": () => byId("search").select(),
      "?": () => byId("help").showModal(),
      0: clearAll,
      o: () => {
        const near = inView();
        const wanted = near.some((finding) => !finding.body || finding.body.hidden);
        near.forEach((finding) => open(finding, wanted));
      },
    }[event.key];
    const level = { 1: "error", 2: "warning", 3: "info" }[event.key];
    if (level) {
      const alone = chosen.level.size === 1 && chosen.level.has(level);
      chosen.level = new Set(alone ? [] : [level]);
      apply();
    } else if (act) act();
    else return undefined;
    event.preventDefault();
    return undefined;
  }

  buildHead();
  buildFacets();
  buildList();
  recall();
  let waiting = 0;
  byId("search").addEventListener("input", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => { setTerms(); apply(); });
  });
  byId("bar").addEventListener("submit", (event) => event.preventDefault());
  byId("clear").addEventListener("click", clearAll);
  byId("keys").addEventListener("click", () => byId("help").showModal());
  byId("toggle").addEventListener("click", () => {
    const closed = byId("facets").toggleAttribute("data-closed");
    byId("toggle").setAttribute("aria-expanded", String(!closed));
  });
  if (matchMedia("(max-width: 44rem)").matches) byId("toggle").click();
  document.addEventListener("keydown", onKey);
  addEventListener("hashchange", recall);
})();
