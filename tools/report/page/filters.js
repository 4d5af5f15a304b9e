// Which findings are shown; the address keeps it, so that a view can be shared.

const findings = data.changes.map((change) => ({
  change,
  level: change.accepted ? "accepted" : change.level,
  provider: data.comparisons[change.comparison].provider || data.comparisons[change.comparison].title,
  uses: change.uses === null ? [] : data.uses[change.uses],
  total: change.uses_total,
  row: null,
  node: null,
  body: null,
  text: null,
}));

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
    parts.push(...change.copies, finding.provider, change.before, change.after, change.witness && change.witness.payload);
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
