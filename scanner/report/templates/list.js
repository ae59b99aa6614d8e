// The list of findings: rows of one height, of which only those in view exist.

const list = $("list"), rows = $("rows");
const OVERSCAN = 8;
const FEW = 200; // so few rows are all drawn, and the browser's own search finds them
let active = 0, drawn = [0, -1];

const COLUMNS = [["severity", "Severity"], ["finding", "Finding"], ["resource", "Resource"], ["team", "Team"], ["place", "Where"], ["verdict", "Verdict"]];

function cell(name, ...children) {
  return make("div", { className: `cell ${name}`, role: "gridcell" }, ...children);
}

// The name and the line matter most, so the folders give way where there is little room.
function file(index) {
  const [, folders, name] = where(index).match(/^(.*\/)?(.*)$/);
  return make("code", "file", make("span", "folders", folders ?? ""), make("span", "name", name));
}

function effectMark(index) {
  const effect = text("effect", index);
  return effect === "none" ? undefined : make("span", `effect ${effect}`, effect);
}

function row(position) {
  const index = shown[position], severity = text("severity", index), verdict = text("verdict", index);
  const element = make("div", { className: "row", role: "row", id: `row-${position}`, "aria-rowindex": position + 2 },
    cell("severity-cell", make("span", `severity ${severity}`, severity)),
    cell("finding", make("a", { href: `#finding-${text("id", index)}`, tabindex: "-1" }, title(index)), make("span", "second", text("message", index))),
    cell("resource", make("span", null, text("name", index)), make("span", "second", text("native", index) || text("type", index))),
    cell("team", make("span", "second", text("team", index))),
    cell("place", file(index), make("span", "second", text("address", index))),
    cell("verdict-cell", make("span", `verdict ${verdict}`, verdict), effectMark(index)));
  element.classList.toggle("active", position === active);
  element.classList.toggle("open", index === opened);
  element.setAttribute("aria-selected", index === opened);
  return element;
}

let measured = 0;
function rowHeight() {
  if (!measured) {
    const probe = make("div", "row");
    rows.append(probe);
    measured = probe.offsetHeight;
    probe.remove();
  }
  return measured;
}

// The rows in view and a few around them, and always the active one, which assistive technology is told about.
function drawRows(force) {
  const height = rowHeight(), top = -rows.getBoundingClientRect().top;
  const few = shown.length <= FEW;
  const first = few ? 0 : Math.max(0, Math.floor(top / height) - OVERSCAN);
  const last = few ? shown.length : Math.min(shown.length, Math.ceil((top + innerHeight) / height) + OVERSCAN);
  if (!force && first === drawn[0] && last === drawn[1]) return;
  drawn = [first, last];
  const positions = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
  if (active < first && active in shown) positions.unshift(active);
  if (active >= last && active in shown) positions.push(active);
  rows.style.height = `${shown.length * height}px`;
  rows.replaceChildren(...positions.map((position) => {
    const element = row(position);
    element.style.top = `${position * height}px`;
    return element;
  }));
  if (active in shown) list.setAttribute("aria-activedescendant", `row-${active}`);
  else list.removeAttribute("aria-activedescendant");
}

function drawHeader() {
  $("header").replaceChildren(...COLUMNS.map(([name, label]) =>
    make("div", { className: `cell ${name === "severity" || name === "verdict" ? `${name}-cell` : name}`, role: "columnheader",
      "aria-sort": wanted.sort === name ? (wanted.down ? "descending" : "ascending") : undefined },
      make("button", { type: "button", onclick: () => sortBy(name) }, label))));
}

// Up, down, and back to the order of the scan.
function sortBy(name) {
  if (wanted.sort !== name) Object.assign(wanted, { sort: name, down: false });
  else if (!wanted.down) wanted.down = true;
  else Object.assign(wanted, { sort: "", down: false });
  refresh();
  [...$("header").children][COLUMNS.findIndex(([column]) => column === name)].firstChild.focus({ preventScroll: true });
}

function reveal(position) {
  const height = rowHeight(), top = rows.getBoundingClientRect().top + position * height;
  const above = $("filters").offsetHeight + $("columns").offsetHeight;
  if (top < above) scrollBy(0, top - above);
  else if (top + height > innerHeight) scrollBy(0, top + height - innerHeight + 8);
}

function activate(position) {
  if (!shown.length) return;
  active = Math.min(shown.length - 1, Math.max(0, position));
  reveal(active);
  drawRows(true);
}

// To the next finding; an open panel follows.
function move(by) {
  activate((opened >= 0 ? shown.indexOf(opened) : active) + by);
  if (opened >= 0 && shown.length) visit(shown[active]);
}

const page = () => Math.max(1, Math.floor(innerHeight / rowHeight()) - 3);
const STEPS = {
  ArrowDown: () => move(1), ArrowUp: () => move(-1), j: () => move(1), k: () => move(-1),
  PageDown: () => move(page()), PageUp: () => move(-page()),
  Home: () => activate(0), End: () => activate(shown.length - 1),
  Enter: () => visit(shown[active], true), " ": () => visit(shown[active], true),
};

list.addEventListener("keydown", (event) => {
  if (event.target !== list || event.ctrlKey || event.metaKey || event.altKey || !STEPS[event.key] || !shown.length) return;
  event.preventDefault();
  STEPS[event.key]();
});

rows.addEventListener("click", (event) => {
  const element = event.target.closest(".row");
  if (!element || event.ctrlKey || event.metaKey || event.shiftKey || String(getSelection())) return;
  event.preventDefault();
  activate(Number(element.id.slice(4)));
  list.focus({ preventScroll: true });
  visit(shown[active], narrow.matches);
});
