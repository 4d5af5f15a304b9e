// Before and after, side by side: lines matched by their longest common run, equal ones folded.

const CONTEXT = 3;

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
  // marking nearly everything helps nobody, and two lines that share little but their indentation are not one that changed
  const indent = text.length - text.trimStart().length;
  if (Math.max(0, start - indent) + end < (Math.max(mine.length, theirs.length) - indent) * 0.4) return [text];
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
