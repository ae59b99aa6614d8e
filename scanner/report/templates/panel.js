// One finding, opened.

const panel = $("panel");
let opened = -1;

const EXPLAINED = {
  unknown: "Unknown is neither pass nor fail: the verdict depends on a value that could not be known when this was scanned.",
  error: "Judging went wrong, so nothing is known about this resource under this policy.",
};

function codeFrame(index) {
  const [span, , , [first, ...lines]] = data.details[index];
  if (!lines.length) return undefined;
  const start = data.lines[index], end = Math.max(start, span[1]);
  return make("pre", { className: "frame", tabindex: "0", "aria-label": "Code" }, ...lines.map((line, offset) => {
    const number = first + offset, words = data.texts[line];
    if (number < start || number > end) return make("span", { className: "line", "data-line": number }, words, "\n");
    return make("span", { className: "line hit", "data-line": number }, ...marked(words, number, start, end, span), "\n");
  }));
}

// Columns count from 1; the last is one past the end. A place of several lines is marked by its lines alone.
function marked(words, number, start, end, [column, , last]) {
  const characters = [...words];
  if (start !== end || column < 1 || last <= column || column > characters.length) return [words];
  const cut = (from, to) => characters.slice(from, to).join("");
  return [cut(0, column - 1), make("mark", null, cut(column - 1, last - 1)), cut(last - 1)];
}

function evidence(index) {
  const rows = data.details[index][1];
  if (!rows.length) return [];
  return [heading("Evidence"), make("table", null, make("tbody", null, ...rows.map(([path, value, uri, line]) =>
    make("tr", null,
      make("th", { scope: "row" }, make("code", null, data.texts[path])),
      make("td", null, make("code", null, data.texts[value]),
        uri === undefined ? undefined : make("span", "second", place(data.texts[uri], line)))))))];
}

function related(index) {
  const places = data.details[index][2];
  if (!places.length) return [];
  return [heading("Also look at"), make("ul", "plain", ...places.map(([uri, line, address]) =>
    make("li", null, make("code", null, place(data.texts[uri], line)), " ", make("span", "note", data.texts[address]))))];
}

function facts(index) {
  const rows = [
    ["Resource", text("uid", index)], ["Type", [text("type", index), text("native", index)].filter(Boolean).join(" · ")],
    ["Provider", text("provider", index)], ["Region", text("region", index)], ["Team", text("team", index)],
    ["Source", text("source", index).replaceAll("_", " ")], ["Policy", text("policy", index)], ["Policy file", data.policies[text("policy", index)].path],
    ["Pack", data.policies[text("policy", index)].pack], ["Fingerprint", text("fingerprint", index)],
  ].filter(([, value]) => value);
  return [heading("Facts"), make("dl", "facts", ...rows.flatMap(([name, value]) =>
    [make("dt", null, name), make("dd", null, make("code", null, value))]))];
}

const heading = (words) => make("h3", null, words);
const section = (words, ...content) => content.some(Boolean) ? [heading(words), ...content] : [];

function body(index) {
  const policy = data.policies[text("policy", index)], verdict = text("verdict", index), severity = text("severity", index);
  const rules = [policy.when && `when: ${policy.when}`, ...policy.expressions].filter(Boolean);
  return make("div", "body",
    make("p", "tags", make("span", `severity ${severity}`, severity), make("span", `verdict ${verdict}`, verdict),
      effectMark(index), make("span", null, text("family", index))),
    make("h2", { id: "panel-title", tabindex: "-1" }, policy.title),
    make("p", "message", text("message", index)),
    EXPLAINED[verdict] ? make("p", "explain", EXPLAINED[verdict]) : undefined,
    text("was", index) ? make("p", "explain", `Before the change: ${text("was", index)}`) : undefined,
    make("p", "path", make("code", null, where(index)), " ", make("span", "note", text("address", index))),
    codeFrame(index),
    ...section("How to fix it", policy.remediation && prose(policy.remediation)),
    ...section("Why it matters", policy.rationale && prose(policy.rationale)),
    ...evidence(index), ...related(index),
    ...section("Rule", rules.length && make("pre", "rule", rules.join("\n"))),
    ...section("Controls", policy.controls.length && make("ul", "chips", ...policy.controls.map((c) => make("li", null, c)))),
    ...facts(index));
}

function markdown(index) {
  const policy = data.policies[text("policy", index)], fence = "`".repeat(4), [, rows, , [, ...lines]] = data.details[index];
  return [
    `**${policy.title}** (${text("severity", index)}, ${text("verdict", index)}, \`${text("policy", index)}\`)`, "",
    text("message", index), "", `\`${where(index)}\` ${text("address", index)}`,
    ...(lines.length ? ["", fence, ...lines.map((line) => data.texts[line]), fence] : []),
    ...(rows.length ? ["", ...rows.map(([path, value]) => `- \`${data.texts[path]}\` = \`${data.texts[value]}\``)] : []),
    "", policy.remediation, "", `Fingerprint: ${text("fingerprint", index)}`,
  ].join("\n");
}

// The clipboard exists only on file:, https: and localhost; elsewhere the buttons would do nothing.
function copier(words, className, content) {
  if (!navigator.clipboard) return undefined;
  return make("button", { type: "button", className, onclick: async ({ currentTarget }) => {
    const done = await navigator.clipboard.writeText(content()).then(() => "Copied", () => "Not allowed");
    currentTarget?.replaceChildren(done);
    setTimeout(() => currentTarget?.replaceChildren(words), 1500);
  } }, words);
}

const narrow = matchMedia("(max-width: 46rem)");

function openPanel(index, focus) {
  const position = shown.indexOf(index), inside = panel.contains(document.activeElement) && document.activeElement.className;
  const step = (words, label, by) => make("button", { type: "button", className: label, "aria-label": `${label} finding`, onclick: () => move(by), ...(position < 0 || !(position + by in shown) ? { disabled: "" } : {}) }, words);
  panel.replaceChildren(
    make("div", "bar-top", step("↑", "Previous", -1), step("↓", "Next", 1),
      copier("Copy link", "link", () => location.href), copier("Copy as Markdown", "markdown", () => markdown(index)),
      make("button", { type: "button", className: "close", onclick: closePanel }, "Close")),
    body(index));
  opened = index;
  document.body.classList.add("reading");
  if (!panel.open) narrow.matches ? panel.showModal() : panel.show();
  panel.scrollTop = 0;
  const again = inside && panel.querySelector(`button.${inside}:enabled`);
  if (again) again.focus();
  else if (focus || inside !== false) $("panel-title").focus({ preventScroll: true });
}

function closePanel() {
  panel.close();
  closed();
}

// The browser closes a modal dialog by itself on Esc, and tells us later; the next finding may be open by then.
function closed() {
  if (panel.open || opened < 0) return;
  opened = -1;
  document.body.classList.remove("reading");
  drawRows(true);
  if (!location.hash.startsWith("#finding-")) return;
  showFilters();
  $("list").focus({ preventScroll: true });
}

panel.addEventListener("close", closed);
