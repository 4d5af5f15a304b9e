// The list of findings, the head and the keys; at the end everything starts.

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
  if (change.copies_total) facts.append(make("span", {}, `in ${plural(change.copies_total + 1, "schema")}`));
  if (finding.total) facts.append(make("span", {}, plural(finding.total, "use")));
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
  if (change.locales.length) places.append(make("dt", {}, change.axis === "language" ? "Odd one out" : "Already in"), make("dd", {}, change.locales.join(", ")));
  body.append(places);
  if (change.before !== null || change.after !== null) body.append(buildSides(change.before, change.after));
  if (change.witness) {
    const verdict = (valid, when) => make("span", { class: `badge ${valid ? "good" : "error"}` }, `${valid ? "valid" : "invalid"} ${when}`);
    body.append(
      make("h3", {}, "Witness: a payload ", verdict(change.witness.valid_before, "before"), " ", verdict(change.witness.valid_after, "after")),
      colored(change.witness.payload),
    );
  }
  const named = ([name, role]) => make("li", {}, said(name, "mono"), role ? ` ${role}` : "");
  if (change.copies_total) body.append(make("h3", {}, "The same lines make"), folded(change.copies.map((name) => [name, ""]), change.copies_total, named));
  if (finding.total) body.append(make("h3", {}, `Used by ${plural(finding.total, "operation")}`), folded(finding.uses, finding.total, named));
  return body;
}

// The first few, and the others behind a summary; of very many only so many are on the page.
function folded(items, total, item) {
  const list = make("ul", { class: "uses" }, ...items.slice(0, 5).map(item));
  if (items.length > 5) {
    const rest = make("ul", { class: "uses" });
    const more = make("details", {}, make("summary", {}, `${(total - 5).toLocaleString("en")} more`), rest);
    more.addEventListener("toggle", () => {
      if (rest.childElementCount) return;
      rest.append(...items.slice(5).map(item));
      if (total > items.length) rest.append(make("li", {}, `and ${(total - items.length).toLocaleString("en")} more`));
    });
    list.append(make("li", {}, more));
  }
  return list;
}

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
