// Making elements. Everything that came from a scanned file goes through textContent and stays text.

const $ = (id) => document.getElementById(id);

function make(tag, options, ...children) {
  const { className, ...rest } = typeof options === "string" ? { className: options } : options ?? {};
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(rest)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== ""));
  return element;
}

const plain = (count) => count.toLocaleString("en");
const counted = (count, noun) => `${plain(count)} ${noun}${count === 1 ? "" : "s"}`;
const place = (uri, line) => line ? `${uri}:${line}` : uri;
const where = (index) => place(text("uri", index), data.lines[index]);
const title = (index) => data.policies[text("policy", index)].title;

// `code` between backticks, as policy authors write it.
const prose = (words) => make("p", "prose",
  ...words.trim().split("`").map((part, i) => i % 2 ? make("code", null, part) : part));
