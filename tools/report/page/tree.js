// What the page is built with. Every text from a page or a document enters the tree through a text node: nothing here
// parses markup.

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const LEVELS = ["error", "warning", "info", "accepted"];

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
