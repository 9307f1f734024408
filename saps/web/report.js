// The list of tasks of a report. Tasks come packed: the columns of all of them at once, what is told of each in blocks
// that are unpacked when one of their tasks is opened. Everything is put in as text, never as markup.

const byId = (id) => document.getElementById(id);
const facts = JSON.parse(byId("facts").textContent);
const PAGE = 50; // rows that are added at a time
const GOOD = new Set(["exact match", "passes all tests"]);
let columns, matching = [], shown = 0, verdict = "", confusion = "";

async function unpacked(id) {
  const bytes = Uint8Array.from(atob(byId(id).textContent), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

const blocks = new Map();

function detailsOf(place) {
  const block = Math.floor(place / facts.block);
  if (!blocks.has(block)) blocks.set(block, unpacked(`block-${block}`));
  return blocks.get(block).then((details) => details[place % facts.block]);
}

const given = (place) => columns.given[place] === 0 ? columns.wanted[place] : columns.given[place]; // 0: the wanted one

// What is looked for.

const OUTCOMES = { both: [true, true], "only this one": [true, false], "only the other": [false, true], neither: [false, false] };
const RANKS = { first: [1, 1], "2nd to 10th": [2, 10], "further down, or not found": [11, Infinity] };

function matches(place) {
  const words = byId("words").value.toLowerCase().trim(), template = byId("template").value, depth = byId("depth").value;
  const against = OUTCOMES[byId("against").value], ranks = RANKS[byId("rank").value];
  return (!template || facts.templates[columns.template[place]] === template)
    && (!depth || columns.depth[place] === Number(depth))
    && (!confusion || columns.confusions[place].includes(Number(confusion)))
    && (!ranks || inside(columns.rank[place] ?? Infinity, ranks))
    && (!against || (isRight(columns.verdict[place]) === against[0] && isRight(columns.other[place]) === against[1]))
    && (!words || columns.searched[place].includes(words));
}

const inside = (rank, [low, high]) => low <= rank && rank <= high;
const isRight = (code) => GOOD.has(facts.verdicts[code]);

function update() {
  const all = columns.verdict.map((_, place) => place).filter(matches);
  const counts = new Array(facts.verdicts.length).fill(0);
  for (const place of all) counts[columns.verdict[place]] += 1;
  showVerdicts(counts, all.length);
  matching = verdict === "" ? all : all.filter((place) => columns.verdict[place] === verdict);
  byId("count").textContent = `${count(matching.length, "task")} of ${columns.verdict.length.toLocaleString("en")}`;
  byId("list").replaceChildren();
  shown = 0;
  showMore();
}

const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

function showVerdicts(counts, all) {
  const chip = (words, number, value) => {
    const button = make("button", words);
    button.type = "button";
    button.setAttribute("aria-pressed", String(verdict === value));
    button.append(make("span", number.toLocaleString("en"), "number"));
    button.addEventListener("click", () => {
      verdict = value;
      update();
      [...byId("verdicts").children].find((one) => one.getAttribute("aria-pressed") === "true").focus();
    });
    return button;
  };
  const chips = facts.verdicts.map((words, code) => chip(words, counts[code], code));
  byId("verdicts").replaceChildren(chip("all", all, ""), ...chips.filter((_, code) => counts[code] || verdict === code));
}

// Rows, some at a time.

function showMore() {
  const rows = matching.slice(shown, shown + PAGE).map(row);
  byId("list").append(...rows);
  shown += rows.length;
}

function row(place) {
  const item = make("li"), button = make("button", "", "task"), words = facts.verdicts[columns.verdict[place]];
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  const isGood = GOOD.has(words);
  button.append(
    make("span", String(place + 1), "number"),
    make("span", words, `verdict ${isGood ? "good" : "bad"}`),
    make("span", columns.text[place], "sentence"),
    make("code", given(place) ?? "no program", "program"),
  );
  button.addEventListener("click", async () => {
    const isOpen = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!isOpen));
    if (isOpen) item.lastChild.remove();
    else item.append(body(place, await detailsOf(place)));
  });
  item.append(button);
  return item;
}

// What is told of one task.

function body(place, details) {
  const element = make("div", "", "body");
  const wanted = readProgram(columns.wanted[place]), text = given(place);
  const found = text === null ? null : readProgram(text);
  const marks = found ? differing(wanted, found) : { of: new Set(), than: new Set() };
  const sides = make("div", "", "sides");
  sides.append(side("wanted", wanted, marks.of));
  sides.append(side(facts.other ? "given by this one" : "given", found, marks.than, details.problem));
  if (facts.other) {
    const other = details.against.program === null ? null : readProgram(details.against.program);
    sides.append(side(`given by the other: ${facts.verdicts[columns.other[place]]}`, other, other ? differing(wanted, other).than : new Set()));
  }
  element.append(sides, about(place, details));
  if (details.tests.length) element.append(make("h3", "Tests"), tests(details.tests));
  if (details.model) element.append(...attention(details.model, wanted, found));
  return element;
}

function side(title, program, marked, problem) {
  const element = make("div", "", "side");
  element.append(make("h4", title), program ? programElement(program, marked) : make("span", problem || "no program", "bad"));
  return element;
}

function about(place, details) {
  const list = make("dl");
  const row = (name, value) => list.append(make("dt", name), make("dd", value));
  const declared = Object.entries(details.arguments).map(([name, type]) => `${name}: ${type}`).join(", ") || "no arguments";
  row("Declared", `${declared}; result ${details.result}`);
  const model = details.model;
  if (model) {
    const among = model.rank === null ? `not among the ${model.looked_at} looked at` : `number ${model.rank} of ${model.looked_at} looked at`;
    row("Wanted program", `probability ${percent(model.probability)}, ${among}`);
    if (columns.given[place] !== 0 && model.given_probability !== null) row("Given program", `probability ${percent(model.given_probability)}`);
  }
  if (!details.clean) row("Not clean", "the task's own program does not pass all its tests");
  return list;
}

function tests(runs) {
  const scroll = make("div", "", "scroll"), table = make("table", "", "tests"), head = make("thead"), rows = make("tbody");
  const names = make("tr");
  for (const name of ["Outcome", "Input", "Wanted", "Given"]) {
    const cell = make("th", name);
    cell.scope = "col";
    names.append(cell);
  }
  for (const [input, wanted, value, outcome] of runs) {
    const line = make("tr");
    line.append(make("td", outcome, outcome === "pass" ? "good" : "bad"), make("td", input), make("td", wanted), make("td", value));
    rows.append(line);
  }
  head.append(names);
  table.append(head, rows);
  scroll.append(table);
  return scroll;
}

// Attention: the nodes in pre-order against the words.

function attention(model, wanted, found) {
  const views = [];
  const add = (title, program, nodes) => {
    if (program && nodes && nodes.attention) views.push(make("h3", title), heatMap(model.words, program, nodes));
  };
  if (model.given_nodes) add("What each node read, given program", found, model.given_nodes);
  add(model.given_nodes ? "What each node would have read, wanted program" : "What each node read", wanted, model.wanted_nodes);
  return views;
}

function heatMap(words, program, nodes) {
  const scroll = make("div", "", "scroll"), table = make("table", "", "heat"), head = make("thead"), rows = make("tbody");
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "group");
  scroll.setAttribute("aria-label", "attention, nodes by words");
  const names = make("tr");
  names.append(make("th"), make("th"));
  for (const word of words) {
    const cell = make("th");
    cell.scope = "col";
    cell.append(make("span", word));
    names.append(cell);
  }
  const levels = levelsOf(program);
  nodesOf(program).forEach((node, place) => {
    const line = make("tr"), name = make("th", `${"  ".repeat(levels[place])}${node.label}`), weights = nodes.attention[place];
    name.scope = "row";
    line.append(name, make("td", percent(nodes.probabilities[place]), "number"));
    weights.forEach((weight, word) => {
      const cell = make("td");
      cell.style.setProperty("--weight", weight);
      cell.title = `${node.label} reads "${words[word]}": ${weight} %`;
      if (weight >= 10) cell.setAttribute("aria-label", `${words[word]} ${weight} %`);
      line.append(cell);
    });
    rows.append(line);
  });
  head.append(names);
  table.append(head, rows);
  scroll.append(table);
  return scroll;
}

function levelsOf(program) {
  const levels = [];
  const walk = (node, level) => {
    levels.push(level);
    node.children.forEach((child) => walk(child, level + 1));
  };
  walk(program, 0);
  return levels;
}

// The start.

function options(id, values) {
  for (const value of values) byId(id).append(new Option(value, value));
}

function chooseConfusion(code, words) {
  confusion = code;
  byId("confusion").hidden = code === "";
  byId("confusion").firstChild.textContent = words;
  update();
}

async function start() {
  columns = await unpacked("columns");
  columns.searched = columns.text.map((text, place) => `${text} ${columns.wanted[place]} ${given(place) ?? ""}`.toLowerCase());
  options("template", facts.templates);
  options("depth", [...new Set(columns.depth)].sort((a, b) => a - b));
  options("against", Object.keys(OUTCOMES));
  options("rank", Object.keys(RANKS));
  byId("against-filter").hidden = !facts.other;
  byId("rank-filter").hidden = !columns.rank.some((rank) => rank !== null);
  byId("filter").addEventListener("input", update);
  byId("filter").addEventListener("submit", (event) => event.preventDefault());
  byId("confusion").lastChild.addEventListener("click", () => chooseConfusion("", ""));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-confusion]");
    if (!link) return;
    chooseConfusion(link.dataset.confusion, link.getAttribute("aria-label"));
    byId("tasks").scrollIntoView();
  });
  new IntersectionObserver((entries) => { if (entries[0].isIntersecting) showMore(); }, { rootMargin: "600px" }).observe(byId("more"));
  update();
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
}

start().catch((error) => { byId("count").textContent = `The tasks cannot be read: ${error.message}`; });
